import { verifyLog } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { entries, MemoryLog, vkey } from '#test/appliance/proof/log/memory-log.ts';
import { writeLog } from './real-log.ts';

test('a start on ten thousand entries verifies them in well under a second', async () => {
  using log = await writeLog(10_000);
  await log.open();

  // Of this process: what else the machine does meanwhile is not the log's.
  const before = process.cpuUsage();
  const { tree } = await log.open();
  const { user, system } = process.cpuUsage(before);

  const ms = (user + system) / 1000;
  process.stdout.write(`a start on ${tree.size} entries took ${ms.toFixed(0)} ms of CPU\n`);
  expect(tree.size).toBe(10_000);
  expect(ms).toBeLessThan(1000);
});

test('a log with a third level of tiles is verified to its last entry', async () => {
  const log = new MemoryLog(entries(256 * 256 + 3));

  expect(await verifyLog(log, { vkey })).toMatchObject({ size: 65_539 });
});
