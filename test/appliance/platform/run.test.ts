import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from './echo.ts';

const program = fileURLToPath(new URL('daemon.ts', import.meta.url));
const fine = { logLevel: 'info' };

/** Runs the daemon of this folder until it ends; stops it once its notes contain `stopAt`. */
async function run(
  config: object | undefined,
  {
    stopAt,
    pipe = true,
    secret = true,
  }: { stopAt?: string; pipe?: boolean; secret?: boolean } = {},
) {
  using folder = temporaryFolder();
  const path = join(folder.path, 'echo.json');
  if (config) writeFileSync(path, JSON.stringify(config));
  if (secret) writeFileSync(join(folder.path, 'log-key'), 'k'.repeat(44));
  const child = spawn(process.execPath, config ? [program, path] : [program], {
    // Whatever Node is told to do with a rejection, the daemon ends.
    env: { CREDENTIALS_DIRECTORY: folder.path, NODE_OPTIONS: '--unhandled-rejections=none' },
    stdio: ['ignore', 'pipe', 'pipe', ...(pipe ? ['pipe' as const] : [])],
  });
  const out = child.stdout ? text(child.stdout) : '';
  const err = child.stderr ? text(child.stderr) : '';
  let notes = '';
  const stop = (more: unknown) => {
    notes += String(more);
    if (stopAt !== undefined && notes.includes(stopAt)) child.kill('SIGTERM');
  };
  (pipe ? child.stdio[3] : child.stdout)?.on('data', stop);
  const [code, signal] = await once(child, 'exit');
  const log = (await out).split('\n').filter(Boolean);
  const lines: Record<string, unknown>[] = log.map((line) => JSON.parse(line));
  return { code, signal, lines, err: await err, notes };
}

test('a daemon says that it is ready once it listens, and lets go when it is asked to stop', async () => {
  const { code, lines, err, notes } = await run(fine, { stopAt: 'READY=1' });

  expect({ code, err, notes }).toEqual({ code: 0, err: '', notes: 'READY=1\n' });
  expect(lines).toMatchObject([
    { service: 'echo', msg: 'up', bytes: 44, claim: false },
    { msg: 'let go' },
  ]);
});

test('a daemon runs without somebody to notify', async () => {
  const { code, lines } = await run(fine, { pipe: false, stopAt: '"up"' });

  expect(code).toBe(0);
  expect(lines.at(-1)).toMatchObject({ msg: 'let go' });
});

test('a daemon says for whom it waits, and can be stopped while it does', async () => {
  const { code, lines, notes } = await run({ ...fine, waits: true }, { stopAt: 'STATUS' });

  expect({ code, notes }).toEqual({ code: 0, notes: 'STATUS=waiting for audit\n' });
  expect(lines).toMatchObject([
    { msg: 'waiting', what: 'audit' },
    { msg: 'stopped on the way', err: { message: 'stopped waiting' } },
  ]);
});

test.each([
  ['a start that fails', { ...fine, fault: 'start' }],
  ['an error that nothing caught', { ...fine, fault: 'later' }],
  ['a rejection that nothing handled', { ...fine, fault: 'rejection' }],
])('%s ends the process with one line that keeps the secret', async (_what, config) => {
  const { code, lines, err } = await run(config);

  expect({ code, err }).toEqual({ code: 1, err: '' });
  const fatal = lines.filter(({ level }) => level === 'fatal');
  expect(fatal).toMatchObject([{ msg: 'the service ends', err: { message: 'password=[secret]' } }]);
  expect(JSON.stringify(fatal)).not.toContain('hunter2');
});

test('a service that cannot listen lets go, ends, and was never ready', async () => {
  const { code, lines, notes } = await run({ ...fine, fault: 'listen' });

  expect({ code, notes }).toEqual({ code: 1, notes: '' });
  expect(lines.map(({ msg }) => msg)).toEqual(['up', 'let go', 'the service ends']);
});

test('what cannot be let go of is logged, and the end releases it', async () => {
  const { code, lines } = await run({ ...fine, fault: 'dispose' }, { stopAt: 'READY=1' });

  expect(code).toBe(0);
  expect(lines.at(-1)).toMatchObject({
    msg: 'stopped on the way',
    err: { message: 'cannot let go' },
  });
});

test('a credential that was not handed over is named', async () => {
  const { code, lines } = await run(fine, { secret: false });

  expect(code).toBe(1);
  expect(lines).toMatchObject([{ err: { message: expect.stringContaining('log-key') } }]);
});

test('a wrong configuration names the file and each wrong key', async () => {
  const { code, lines } = await run({ logLevel: 'loud', colour: 'red' });

  expect(code).toBe(1);
  const message = expect.stringMatching(
    /echo\.json[\s\S]*colour[\s\S]*logLevel|logLevel[\s\S]*colour/,
  );
  expect(lines).toMatchObject([{ level: 'fatal', err: { message } }]);
});

test('a daemon without a configuration says what it expected', async () => {
  const { code, lines } = await run(undefined);

  expect(code).toBe(1);
  expect(lines).toMatchObject([
    { err: { message: expect.stringContaining('configuration file') } },
  ]);
});
