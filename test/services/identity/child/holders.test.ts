import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootClock } from '@physiclaw/platform';
import { afterEach, expect, test, vi } from 'vitest';
import { Holders } from '#services/identity/child/holders.ts';
import { makeHouse } from '../house.ts';

const child = { service: 'agent', pid: 4711, startTime: '12345' };
afterEach(() => void vi.useRealTimers());

async function makeHolders() {
  const { config, log, lines } = await makeHouse();
  const path = join(config.state, 'holders.json');
  return { path, lines, open: () => new Holders(path, log) };
}

test('a process holds an SVID until that runs out', async () => {
  const holders = (await makeHolders()).open();
  const [before] = [holders.holds(child)];
  await holders.remember(child, 60);
  const [after] = [holders.holds(child)];
  await holders.remember(child, 0);

  expect([before, after, holders.holds(child)]).toEqual([false, true, false]);
});

test.each([{ service: 'policy' }, { pid: 4712 }, { startTime: '12346' }])(
  'another process holds nothing: %o',
  async (other) => {
    const holders = (await makeHolders()).open();
    await holders.remember(child, 60);

    expect(holders.holds({ ...child, ...other })).toBe(false);
  },
);

test('who holds one is known after a restart of identity', async () => {
  const { open } = await makeHolders();
  const first = open();
  await Promise.all([
    first.remember(child, 60),
    first.remember({ ...child, service: 'tools' }, 60),
    first.remember({ ...child, service: 'policy' }, 60),
  ]);
  const second = open();

  expect(
    ['agent', 'tools', 'policy', 'audit'].map((service) => second.holds({ ...child, service })),
  ).toEqual([true, true, true, false]);
});

test('nobody holds anything after a restart of the machine', async () => {
  const { open, path } = await makeHolders();
  const { seconds } = bootClock();
  writeFileSync(
    path,
    JSON.stringify({ 'agent 4711 12345': { boot: 'an earlier one', seconds: seconds + 60 } }),
  );

  expect(open().holds(child)).toBe(false);
});

test('setting the clock makes nobody a holder, and takes it from nobody', async () => {
  const holders = (await makeHolders()).open();
  await holders.remember(child, 60);
  vi.setSystemTime(Date.now() + 86_400_000);

  expect(holders.holds(child)).toBe(true);
});

test('a file that cannot be read makes nobody a holder', async () => {
  const { open, path, lines } = await makeHolders();
  writeFileSync(path, '{"agent');

  expect(open().holds(child)).toBe(false);
  expect(lines).toMatchObject([{ msg: 'who holds an SVID could not be read' }]);
});

test('where the file cannot be written, this run still knows', async () => {
  const { open, path, lines } = await makeHolders();
  const holders = open();
  mkdirSync(path);
  await holders.remember(child, 60);

  expect(holders.holds(child)).toBe(true);
  expect(lines).toMatchObject([{ msg: 'who holds an SVID could not be written' }]);
});
