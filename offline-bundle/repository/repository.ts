import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { digestOf } from '@physiclaw/proof';
import { type Input, inputOfBytes, inputOfFile } from '../archive/input.ts';
import type { Fetched } from '../create/download.ts';
import { controlOf } from '../program/dpkg-deb.ts';
import { RepositoryKey } from '../program/gpg.ts';

const INDEX = 'main/binary-amd64/Packages';

export interface RepositoryOptions {
  readonly suite: string;
  /** Date of the source, in seconds. */
  readonly created: number;
  /** Folder of the signing key. */
  readonly keys: string;
}

/** The packages as an apt repository of their own, signed, as the files of a bundle. */
export async function repositoryOf(
  packages: readonly Fetched[],
  { suite, created, keys }: RepositoryOptions,
): Promise<Input[]> {
  const index = await indexOf(packages);
  const release = releaseOf(suite, created, index);
  const { signed, key } = await sign(release, created, keys);
  const dist = `debian/dists/${suite}`;
  const files: Input[] = [
    await inputOfBytes('debian/key.gpg', key),
    await inputOfBytes(`${dist}/${INDEX}`, index),
    await inputOfBytes(`${dist}/Release`, release),
    await inputOfBytes(`${dist}/InRelease`, signed),
  ];
  for (const { locked, file } of packages)
    files.push(await inputOfFile(placeOf(locked.path), file));
  return files;
}

function placeOf(path: string): string {
  return `debian/pool/${basename(path)}`;
}

async function indexOf(packages: readonly Fetched[]): Promise<string> {
  const stanzas: string[] = [];
  for (const { locked, file } of packages) {
    const place = placeOf(locked.path).slice('debian/'.length);
    const where = `Filename: ${place}\nSize: ${locked.size}\nSHA256: ${locked.sha256}\n`;
    stanzas.push(`${await controlOf(file)}\n${where}`);
  }
  return stanzas.join('\n');
}

function releaseOf(suite: string, created: number, index: string): string {
  return [
    'Origin: physiclaw',
    'Label: physiclaw',
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    `Date: ${new Date(created * 1000).toUTCString()}`,
    'Architectures: amd64',
    'Components: main',
    'SHA256:',
    ` ${digestOf(index)} ${Buffer.byteLength(index)} ${INDEX}`,
    '',
  ].join('\n');
}

async function sign(
  release: string,
  created: number,
  keys: string,
): Promise<{ signed: Buffer; key: Buffer }> {
  const folder = mkdtempSync(join(tmpdir(), 'physiclaw-repository-'));
  const place = (name: string) => join(folder, name);
  try {
    await using key = await RepositoryKey.at(keys);
    writeFileSync(place('Release'), release);
    await key.clearSign(place('Release'), place('InRelease'), created);
    await key.exportTo(place('key.gpg'));
    return { signed: readFileSync(place('InRelease')), key: readFileSync(place('key.gpg')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
