import { expect, test } from 'vitest';
import { run } from '#offline-bundle/program/run.ts';

const SECOND = { timeoutMs: 1000 };

test('a program says what it has to say, and knows nothing of our environment', async () => {
  expect(await run('/usr/bin/env', [], SECOND)).not.toContain('HOME=');
});

test('a program gets no input but the one given', async () => {
  expect(await run('/usr/bin/cat', [], SECOND)).toBe('');
  expect(await run('/usr/bin/cat', [], { ...SECOND, input: 'in' })).toBe('in');
});

test.each([
  ['is absent', '/usr/bin/absent', [], 'is not installed'],
  ['fails', '/usr/bin/ls', ['/absent'], 'No such file'],
  ['goes on for too long', '/usr/bin/sleep', ['9'], 'timed out'],
] as const)('a program that %s is named', async (_, program, args, why) => {
  await expect(run(program, args, { timeoutMs: 300 })).rejects.toMatchObject({
    code: 'BUNDLE_PROGRAM_FAILED',
    message: expect.stringContaining(why),
  });
});

test('no host is named in what is passed on', async () => {
  const failed = run('/usr/bin/ls', ['http://mirror.internal/debian'], SECOND);

  await expect(failed).rejects.toThrow('http://MIRROR/debian');
  await expect(failed).rejects.not.toThrow('mirror.internal');
});
