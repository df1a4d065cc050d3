import { expect, test } from 'vitest';
import { TestLog } from '#test/services/tools/log.ts';
import { checkToken, startHouse, tokenOf } from '../house.ts';

const ada = tokenOf('ada', 'audit');
const sessions = { policy: { checkToken } };

const asked = {
  kind: 'turn',
  session: `s-${'1'.repeat(32)}`,
  turn: `t-${'1'.repeat(32)}`,
  verb: 'asked',
  planner: 'runbook',
} as const;

test('an export names the files of the checkpoint that it hands over', async () => {
  const log = new TestLog();
  let looks = 0;
  // Between the checkpoint and the first list of files the log grows.
  const files = () => {
    looks += 1;
    if (looks === 1) log.append('agent', asked);
    return { size: log.entries.length, files: ['checkpoint'] };
  };
  const house = await startHouse({ ...sessions, audit: { files } }, { log });
  const { size, checkpoint } = JSON.parse((await house.call('auditExport', {}, ada)).text);

  expect(looks).toBe(2);
  expect(checkpoint).toBe(log.checkpoint());
  expect(size).toBe(2);
  expect(log.events('export')).toHaveLength(1);
});

test('what is handed on of the log was checked: an entry, and the receipt of one', async () => {
  const log = new TestLog();
  for (const n of [1, 2, 3]) log.append('agent', { ...asked, turn: `t-${String(n).repeat(32)}` });
  const honest = await startHouse(sessions, { log });
  const told = JSON.parse((await honest.call('auditTail', { count: 2 }, ada)).text);
  const shown = JSON.parse((await honest.call('auditReceipt', { index: 1 }, ada)).text);
  const audit = {
    entries: () => ({ size: 3, entries: [log.entries[0], log.entries[2]] }),
    receipt: () => log.receipt(0),
  };
  const lying = await startHouse({ ...sessions, audit }, { log });

  expect(told).toEqual({ from: 1, size: 3, entries: log.entries.slice(1) });
  expect(shown).toEqual(log.receipt(1));
  for (const [name, body] of [
    ['auditTail', { count: 2 }],
    ['auditReceipt', { index: 1 }],
  ] as const) {
    expect((await lying.call(name, body, ada)).text).toContain('AUDIT_LOG_FORKED');
  }
});
