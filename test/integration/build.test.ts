import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@physiclaw/machine';
import { afterAll, beforeAll, expect, test } from 'vitest';

// A package that is needed at run time, and a use of its native or WASM part.
const native = {
  'better-sqlite3': `new (require('better-sqlite3'))(':memory:').pragma('user_version')`,
  koffi: `require('koffi').load('libc.so.6').func('int getpid()')()`,
  '@cedar-policy/cedar-wasm': `require('@cedar-policy/cedar-wasm/nodejs').getCedarVersion()`,
  'sqlite-vec': `const db = new (require('better-sqlite3'))(':memory:');
    require('sqlite-vec').load(db); db.prepare('select vec_version()').get()`,
};
let folder = '';
let copy = '';

beforeAll(() => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'build-'));
  copy = join(folder, 'dist');
  cpSync('dist', copy, { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

test('there is one file for each daemon, for the stack and for the command line', () => {
  const programs = readdirSync(copy).filter((name) => name.endsWith('.js'));
  const daemons = services.map(({ name }) => `${name}.js`);

  expect(programs.toSorted()).toEqual(
    [...daemons, 'cli.js', 'stack.js', 'supervisor.js'].toSorted(),
  );
  expect(readdirSync(join(copy, 'actuators'))).toContain('read_file.js');
});

test.each(services)('$name runs where there is no repository', ({ name }) => {
  const { stdout, status } = run(join(copy, 'bin/node'), [join(copy, `${name}.js`)]);

  expect(stdout).toContain('expected the path of a configuration file');
  expect(status).toBe(1);
});

test('the command line runs where there is no repository', () => {
  const { stdout, stderr } = run(join(copy, 'bin/physiclaw'), ['version']);

  expect(stderr).toBe('');
  expect(stdout).toContain(version());
});

test.each(Object.entries(native))('the parts of %s that are no JavaScript are there', (_, use) => {
  const file = join(copy, 'use.cjs');
  writeFileSync(file, use);

  expect(run(join(copy, 'bin/node'), [file])).toMatchObject({ status: 0, stderr: '' });
});

test('every user can read it', () => {
  const closed = readdirSync(copy, { recursive: true, withFileTypes: true }).filter(
    ({ parentPath, name }) => (statSync(join(parentPath, name)).mode & 0o004) === 0,
  );

  expect(closed).toEqual([]);
});

test('V8 can keep it with one byte for each character', () => {
  for (const { name } of services) {
    expect(readFileSync(join(copy, `${name}.js`), 'latin1')).not.toMatch(/[\u0080-\u00ff]/);
  }
});

test('nothing is built again while nothing has changed', () => {
  const before = statSync('dist/.stamp').mtimeMs;
  build();

  expect(statSync('dist/.stamp').mtimeMs).toBe(before);
});

function build(): void {
  const { status, stderr } = run('node_modules/.bin/node', [
    'node_modules/rolldown/bin/cli.mjs',
    '--config',
    'rolldown.config.mjs',
  ]);
  if (status !== 0) throw new Error(stderr);
}

function run(program: string, args: string[]) {
  // Whoever starts daemons gives them two pipes more.
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] as const;
  const env = { PATH: '/usr/bin:/bin' };
  return spawnSync(program, args, { encoding: 'utf8', env, stdio: [...stdio] });
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest
    ? String(manifest.version)
    : '';
}
