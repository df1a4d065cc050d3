import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createLogger, Reserve } from '@physiclaw/platform';
import { describe, expect, test } from 'vitest';
import { fillDisk, MEBIBYTE, smallDisk, temporaryFolder } from './small-disk.ts';

const log = createLogger('echo', 'silent');

test('the reserve holds real blocks, not a hole', async () => {
  const folder = temporaryFolder();

  await Reserve.open(join(folder, 'reserve'), 2 * MEBIBYTE + 5, log);

  const { size, blocks } = statSync(join(folder, 'reserve'));
  expect(size).toBe(2 * MEBIBYTE + 5);
  expect(blocks * 512).toBeGreaterThanOrEqual(size);
  expect(readFileSync(join(folder, 'reserve')).every((byte) => byte === 0)).toBe(true);
});

test('a reserve that was larger is cut to what is configured', async () => {
  const folder = temporaryFolder();
  await Reserve.open(join(folder, 'reserve'), 2 * MEBIBYTE, log);

  expect((await Reserve.open(join(folder, 'reserve'), MEBIBYTE, log)).bytes).toBe(MEBIBYTE);
  expect(statSync(join(folder, 'reserve')).size).toBe(MEBIBYTE);
});

test('a reserve that is not whole is made whole at the start', async () => {
  const folder = temporaryFolder();
  await Reserve.open(join(folder, 'reserve'), 2 * MEBIBYTE, log);
  truncateSync(join(folder, 'reserve'), 77);

  expect((await Reserve.open(join(folder, 'reserve'), 2 * MEBIBYTE, log)).bytes).toBe(2 * MEBIBYTE);
});

describe('on a small disk', () => {
  test('it is given back piece by piece, until nothing is left', async () => {
    const folder = smallDisk(16 * MEBIBYTE);
    const reserve = await Reserve.open(join(folder, 'reserve'), 2 * MEBIBYTE, log);

    expect(await reserve.release(MEBIBYTE)).toBe(true);
    expect(reserve.bytes).toBeLessThan(MEBIBYTE);
    expect(reserve.bytes).toBeGreaterThan(0);
    expect(await reserve.release(MEBIBYTE)).toBe(true);
    expect(reserve.bytes).toBe(0);
    expect(await reserve.release(1)).toBe(false);
  });

  test('it grows again only when ordinary entries would still have room', async () => {
    const folder = smallDisk(16 * MEBIBYTE);
    const reserve = await Reserve.open(join(folder, 'reserve'), 4 * MEBIBYTE, log);
    await reserve.release(MEBIBYTE);
    writeFileSync(join(folder, 'ballast'), new Uint8Array(9 * MEBIBYTE));

    expect(await reserve.regrow()).toBe(false);
    expect(reserve.bytes).toBeLessThan(4 * MEBIBYTE);

    rmSync(join(folder, 'ballast'));
    expect(await reserve.regrow()).toBe(true);
    expect(reserve.bytes).toBe(4 * MEBIBYTE);
  });

  test('what it got is kept when somebody takes the room meanwhile', async () => {
    const folder = smallDisk(24 * MEBIBYTE);
    const reserve = await Reserve.open(join(folder, 'reserve'), 16 * MEBIBYTE, log);
    await reserve.release(16 * MEBIBYTE);

    const grown = reserve.regrow();
    while (reserve.bytes === 0) await setImmediate();
    fillDisk(folder);

    expect(await grown).toBe(false);
    expect(reserve.bytes).toBeGreaterThan(0);
    expect(statSync(join(folder, 'reserve')).size).toBe(reserve.bytes);
  });

  test('a start without room for it is a start, and says so', async () => {
    const folder = smallDisk(4 * MEBIBYTE);
    const lines: string[] = [];
    const told = createLogger('echo', 'info', { write: (line) => lines.push(line) });

    const reserve = await Reserve.open(join(folder, 'reserve'), 2 * MEBIBYTE, told);

    expect(reserve.bytes).toBe(0);
    expect(lines.join('')).toContain('the reserve is not whole');
  });

  test('less than the margin beside a whole reserve is no room', async () => {
    const folder = smallDisk(16 * MEBIBYTE);
    const reserve = await Reserve.open(join(folder, 'reserve'), 2 * MEBIBYTE, log);
    writeFileSync(join(folder, 'ballast'), new Uint8Array(11 * MEBIBYTE));

    expect(await reserve.regrow()).toBe(false);
    expect(reserve.bytes).toBe(2 * MEBIBYTE);
  });
});
