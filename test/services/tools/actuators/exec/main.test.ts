import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench } from '../bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

test('runs a program of the base on the workspace, and tells what it wrote', async () => {
  bench.put('a/b.txt', 'hello');
  const { structured } = await bench.act('exec', { argv: ['cat', 'a/b.txt', 'nothing'] });

  expect(structured).toMatchObject({ exit: 1, stdout: 'hello', stdoutBytes: 5 });
  expect(structured['stderr']).toContain('nothing');
});

test('starts in the folder that the call names', async () => {
  bench.put('deep/file', '');
  const { structured } = await bench.act('exec', { argv: ['pwd'], cwd: 'deep' });

  expect(structured['stdout']).toBe('/workspace/deep\n');
});

test('no word of the command is read by a shell', async () => {
  const { structured } = await bench.act('exec', { argv: ['echo', '$HOME; id | cat > x'] });

  expect(structured['stdout']).toBe('$HOME; id | cat > x\n');
});

test('a program that a signal ends has no exit', async () => {
  const { structured } = await bench.act('exec', { argv: ['sh', '-c', 'kill -TERM $$'] });

  expect(structured).toMatchObject({ signal: 'SIGTERM' });
  expect(structured).not.toHaveProperty('exit');
});

test('output beyond what an answer carries is cut, and the answer says so', async () => {
  const argv = ['head', '-c', '300000', '/dev/zero'];
  const limits = { outputBytes: 8 * 1024 ** 2 };
  const { structured } = await bench.act('exec', { argv }, { limits });

  expect(structured).toMatchObject({ stdoutBytes: 300_000, stdoutTruncated: true });
  expect(structured['stdout']).toHaveLength(262_144);
});

test('output beyond the limit ends the run, however the command writes it', async () => {
  await expect(bench.act('exec', { argv: ['yes'] })).rejects.toThrow('limit: output');
});

test('a program that is not there is an answer, not a crash', async () => {
  const { isError, text } = await bench.act('exec', { argv: ['no-such-program'] });

  expect({ isError, text }).toEqual({ isError: true, text: expect.stringContaining('ENOENT') });
});

test('a folder outside the workspace is refused', async () => {
  const { isError, text } = await bench.act('exec', { argv: ['pwd'], cwd: '../usr' });

  expect({ isError, text }).toEqual({
    isError: true,
    text: '../usr leaves the workspace: name what lies in it',
  });
});
