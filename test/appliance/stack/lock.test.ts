import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHome } from '../../../appliance/stack/lock.ts';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lock-'));
});

afterEach(() => rmSync(home, { recursive: true }));

test('a home is held once, by whatever name it is called', async () => {
  await using _ = await lockHome(home);
  symlinkSync(home, `${home}-link`);

  await expect(lockHome(`${home}-link`)).rejects.toMatchObject({ code: 'STACK_RUNNING' });
  rmSync(`${home}-link`);
});

test('another home can be held beside it', async () => {
  const other = mkdtempSync(join(tmpdir(), 'lock-'));
  await using _ = await lockHome(home);
  await using second = await lockHome(other);

  expect(second).toBeDefined();
  rmSync(other, { recursive: true });
});

test('a home that was let go can be held again', async () => {
  await (await lockHome(home))[Symbol.asyncDispose]();
  await using again = await lockHome(home);

  expect(again).toBeDefined();
});
