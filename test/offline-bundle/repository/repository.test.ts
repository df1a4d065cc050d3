import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Input } from '#offline-bundle/archive/input.ts';
import { choose } from '#offline-bundle/program/apt.ts';
import { repositoryOf } from '#offline-bundle/repository/repository.ts';
import { makePackage, type Package } from '../packages.ts';

const CREATED = 1_760_000_000;
let folder = '';
let packages: Package[] = [];
let inputs: Input[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-repository-'));
  packages = [
    makePackage(folder, 'apt'),
    makePackage(folder, 'base', ['Essential: yes', 'Priority: required']),
    makePackage(folder, 'wanted', ['Depends: base']),
  ];
  inputs = await repository();
  for (const { path, read } of inputs) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const chunks: Uint8Array[] = [];
    for await (const chunk of read()) chunks.push(chunk);
    writeFileSync(join(folder, path), Buffer.concat(chunks));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function repository(): Promise<Input[]> {
  return repositoryOf(packages, { suite: 'trixie', created: CREATED, keys: join(folder, 'keys') });
}

test('apt installs from it by its own signature, and trusts no other', async () => {
  const debian = join(folder, 'debian');
  const mirror = { debian: `file:${debian}`, security: undefined };
  const signed = (key: string) => [`deb [arch=amd64 signed-by=${key}] file:${debian} trixie main`];
  const found = await choose(join(folder, 'a'), mirror, signed(join(debian, 'key.gpg')), [
    'wanted',
  ]);

  expect(found.map(({ name, sha256 }) => `${name} ${sha256}`).toSorted()).toEqual(
    packages.map(({ locked }) => `${locked.name} ${locked.sha256}`).toSorted(),
  );
  const stranger = signed('/usr/share/keyrings/debian-archive-keyring.gpg');
  await expect(choose(join(folder, 'b'), mirror, stranger, ['wanted'])).rejects.toMatchObject({
    code: 'BUNDLE_PROGRAM_FAILED',
  });
});

test('the signature bears the date of the source, and a change breaks it', () => {
  const [key, signed] = ['debian/key.gpg', 'debian/dists/trixie/InRelease'].map((path) =>
    join(folder, path),
  );
  const check = (file = '') =>
    execFileSync('/usr/bin/gpgv', ['--keyring', key ?? '', '--status-fd', '1', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  expect(check(signed)).toContain(` ${CREATED} `);
  const changed = join(folder, 'changed');
  writeFileSync(changed, readFileSync(signed ?? '', 'utf8').replace('Suite: trixie', 'Suite: sid'));
  expect(() => check(changed)).toThrow('Command failed');
});

test('the same packages make the same repository, its signature included', async () => {
  const again = await repository();

  expect(again.map(({ path, sha256 }) => [path, sha256])).toEqual(
    inputs.map(({ path, sha256 }) => [path, sha256]),
  );
});

test('no agent of gpg is left behind', () => {
  const running = execFileSync('/usr/bin/ps', ['-eo', 'args'], { encoding: 'utf8' });

  expect(running).not.toContain(join(folder, 'keys'));
});
