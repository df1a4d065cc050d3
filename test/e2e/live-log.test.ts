import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './stack.ts';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  stack = await startStack();
  folder = mkdtempSync(join(tmpdir(), 'export-'));
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('a log that is written meanwhile is found sound, tampered with in a copy, and copied out whole', async () => {
  const out = join(folder, 'copy');
  const busy = Promise.all(
    [1, 2, 3].map(async () => {
      for (let n = 0; n < 4; n += 1) await stack.cli('call', 'list_dir', '.');
    }),
  );
  const codes: number[] = [];
  for (let n = 0; n < 4; n += 1) codes.push((await stack.cli('audit', 'verify')).code);
  const tampered = await stack.cli('demo', 'tamper');
  const exported = await stack.cli('audit', 'export', out);
  await busy;
  const again = await stack.cli('audit', 'export', out);
  const vkey = ['--vkey', join(out, 'log.vkey')];
  const verified = await stack.cli('audit', 'verify', join(out, 'log'), ...vkey);

  expect(codes).toEqual([4, 4, 4, 4]);
  expect(tampered).toMatchObject({ code: 0 });
  expect(exported).toMatchObject({ code: 0 });
  expect(verified).toMatchObject({ code: 4 });
  expect(again.err).toContain('EXPORT_FOLDER_IN_USE');
}, 60_000);

test('what a checkpoint adds that was held outside is said, and for which entries', async () => {
  const since = join(folder, 'since');
  cpSync(join(stack.home, 'state/audit/log/checkpoint'), since);
  await stack.cli('call', 'list_dir', '.');
  const { code, out } = await stack.cli('audit', 'verify', '--since', since);

  expect(code).toBe(4);
  expect(out).toMatch(/its first \d+ entries are those of then; the other \d+ are unanchored/);
});
