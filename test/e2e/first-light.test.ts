import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './stack.ts';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  stack = await startStack();
  folder = mkdtempSync(join(tmpdir(), 'workspace-'));
  mkdirSync(join(folder, 'notes'));
  writeFileSync(join(folder, 'notes', 'hello.txt'), 'good morning\n');
});
afterAll(() => stack[Symbol.asyncDispose]());

test('a file is read the whole way: decision, log, proof, sandbox, receipt', async () => {
  const { code, out, err } = await stack.cli(
    'call',
    '--workspace',
    folder,
    'read_file',
    'notes/hello.txt',
  );

  expect(err).toContain('done');
  expect(out).toBe('good morning\n');
  expect(code).toBe(0);
});

test('the log of it is sound, and nobody outside holds a checkpoint', async () => {
  const { code, out } = await stack.cli('audit', 'verify');

  expect(out).toContain('sound, unanchored');
  expect(code).toBe(4);
});

test('a command waits for a signature, and runs once it is there', async () => {
  const asked = await stack.cli('call', 'exec', '--', 'uname', '-s');
  const [, request = ''] = /approvals approve (r-[0-9a-f]{32})/.exec(asked.out) ?? [];
  const approved = await stack.cli('approvals', 'approve', request);

  expect(asked.code).toBe(6);
  expect(approved.out).toContain('approved');
});

test('one flipped bit in a copy of the log is seen', async () => {
  const { code, out } = await stack.cli('demo', 'tamper');

  expect(out).toContain('a copy of the log: sound');
  expect(code).toBe(0);
});
