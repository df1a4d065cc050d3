import { rmSync, writeFileSync } from 'node:fs';
import { policy } from '@physiclaw/contracts';
import { openReceipt } from '@physiclaw/proof';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { calls, newName } from '../intents.ts';
import { type Machine, startMachine } from '../machine.ts';

function leaseOf(machine: Machine, epoch = newName('e')) {
  const stop = new AbortController();
  const renewals = machine
    .as('tools')
    .follow(policy.calls.lease, { epoch }, { signal: stop.signal });
  return { next: async () => (await renewals.next()).value, stop: () => stop.abort() };
}

test('a kill ends the lease at once, and no renewal comes while it lasts', async () => {
  await using machine = await startMachine();
  const lease = leaseOf(machine);
  expect(await lease.next()).toEqual({ killed: false, seconds: 2 });
  const since = performance.now();
  writeFileSync(machine.killFile, '');

  expect(await lease.next()).toEqual({ killed: true, seconds: 2 });
  expect(performance.now() - since).toBeLessThan(900);
  rmSync(machine.killFile);
  expect(await lease.next()).toEqual({ killed: true, seconds: 2 });
  lease.stop();
});

test('capabilities are made for the latest gate that asked, and the earlier one is let go', async () => {
  await using machine = await startMachine();
  const session = await machine.open();
  const [earlier, later] = [newName('e'), newName('e')];
  const first = leaseOf(machine, earlier);
  await first.next();
  const second = leaseOf(machine, later);
  await second.next();
  const { receipt } = await machine.decide(session, calls['read_file']!);
  const vkey = readFileSync(join(machine.home, 'anchors/log.vkey'), 'utf8');

  expect(openReceipt(receipt, vkey).entry.unmapped.event).toMatchObject({ epoch: later });
  expect(await first.next()).toBeUndefined();
  second.stop();
});
