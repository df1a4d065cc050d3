import { execFile, type ExecFileException } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, type Spoken, type Stack, startStack } from './stack.ts';

test('two stacks live side by side, and the end of one is not the end of the other', async () => {
  await using one = await startStack();
  const other = await startStack();
  await one.cli('call', 'write_file', 'a.txt', 'one');
  expect((await other.cli('audit', 'tail')).out).not.toContain('write_file');
  await other[Symbol.asyncDispose]();

  expect(one.port).not.toBe(other.port);
  expect(await one.cli('call', 'list_dir', '.')).toMatchObject({ code: 0 });
});

test('a home with a long path below a folder that is its owner’s alone works like any other', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'private-'));
  try {
    const home = join(parent, 'x'.repeat(200 - parent.length - 1));
    mkdirSync(home);
    await using stack = await startStack({ home });

    expect(statSync(parent).mode & 0o777).toBe(0o700);
    expect(stack.home).toHaveLength(200);
    expect(await stack.cli('call', 'list_dir', '.')).toMatchObject({ code: 0 });
    expect((await stack.cli('audit', 'verify')).code).toBe(4);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});

test('a machine without journal and logs is no fault, and nothing is said to be well there', async () => {
  await using stack = await startStack({ start: false });
  const bare = ['mount -t tmpfs none /var/log', 'mount -t tmpfs none /run/log || true'];
  const { code, out } = await upWith(stack, bare);

  expect(code).toBe(0);
  expect(out).toMatch(/^unknown .*no line to read/m);
  expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  for (const label of ['done', 'waits', 'refused'])
    expect(out).toMatch(new RegExp(`^${label} `, 'm'));
});

test.each([[[]], [['--no-tour']]])(
  'where no sandbox can be made up says why and exits 1 (%s)',
  async (flags) => {
    await using stack = await startStack({ start: false });
    const { code, err } = await upWith(stack, ['mount --bind /bin/false /usr/bin/bwrap'], flags);
    const refused = await stack.cli('call', 'list_dir', '.');
    const status = await stack.json('status');

    expect(status).toMatchObject({ code: 1, value: { running: true, ready: false } });
    expect(err).toContain('TOOLS_SANDBOX_MISSING');
    expect(code).toBe(1);
    expect(refused.out + refused.err).toContain('TOOLS_SANDBOX_MISSING');
    expect(refused.code).not.toBe(0);
  },
);

/** Runs `up` in a mount name space of its own, after these commands have changed what is there. */
async function upWith(
  stack: Stack,
  changes: readonly string[],
  flags: readonly string[] = [],
): Promise<Spoken> {
  const script = [...changes, 'exec "$@"'].join('\n');
  const up = [resolve('bin/physiclaw'), '--home', stack.home, 'up', ...flags];
  const port = ['--port', String(await freePort())];
  const isRoot = process.getuid?.() === 0;
  const words = ['-m', ...(isRoot ? [] : ['-r']), 'sh', '-ec', script, 'sh', ...up, ...port];
  return new Promise((done) => {
    execFile('unshare', words, { timeout: 60_000 }, (error: ExecFileException | null, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err });
    });
  });
}
