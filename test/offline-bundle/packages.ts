import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LockedPackage } from '#offline-bundle/lock/lock.ts';

/** A package of Debian that holds one file, as a mirror would have it. */
export interface Package {
  readonly file: string;
  readonly locked: LockedPackage;
}

export function makePackage(
  folder: string,
  name: string,
  control: readonly string[] = [],
): Package {
  const [tree, pool] = [join(folder, 'tree', name), join(folder, 'pool/main', name)];
  const version = '1:1.0-1+b1';
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(pool, { recursive: true });
  const fields = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: nobody <nobody@localhost>',
    `Description: ${name}`,
    ...control,
  ];
  writeFileSync(join(tree, 'DEBIAN/control'), `${fields.join('\n')}\n`);
  writeFileSync(join(tree, 'content'), name);
  const file = join(pool, `${name}_1.0-1+b1_all.deb`);
  execFileSync('/usr/bin/dpkg-deb', ['--root-owner-group', '--build', tree, file]);
  const bytes = readFileSync(file);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = `pool/main/${name}/${basename(file)}`;
  const place = { archive: 'debian' as const, path, size: bytes.length, sha256 };
  return { file, locked: { name, version, architecture: 'all', ...place } };
}

/** An index of packages beside them, as apt reads it from a mirror. */
export function writeIndex(folder: string, suite: string, packages: readonly Package[]): void {
  const stanzas = packages.map(({ file, locked: { path, size, sha256 } }) => {
    const control = execFileSync('/usr/bin/dpkg-deb', ['--field', file], { encoding: 'utf8' });
    return `${control.trimEnd()}\nFilename: ${path}\nSize: ${size}\nSHA256: ${sha256}\n`;
  });
  const dist = join(folder, 'dists', suite);
  mkdirSync(join(dist, 'main/binary-amd64'), { recursive: true });
  const index = stanzas.join('\n');
  writeFileSync(join(dist, 'main/binary-amd64/Packages'), index);
  const digest = createHash('sha256').update(index).digest('hex');
  const release = [
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    'Date: Thu, 01 Jan 2026 00:00:00 UTC',
    'Architectures: amd64',
    'Components: main',
    'SHA256:',
    ` ${digest} ${Buffer.byteLength(index)} main/binary-amd64/Packages`,
  ];
  writeFileSync(join(dist, 'Release'), `${release.join('\n')}\n`);
}
