import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, choose, mirrorIn, sourcesOf } from '#offline-bundle/program/apt.ts';
import { makePackage, type Package, writeIndex } from '../packages.ts';

let folder = '';
let packages: Package[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-apt-'));
  packages = [
    makePackage(folder, 'apt'),
    makePackage(folder, 'base', ['Essential: yes', 'Priority: required']),
    makePackage(folder, 'wanted', ['Depends: needed', 'Recommends: unneeded']),
    makePackage(folder, 'needed'),
    makePackage(folder, 'unneeded'),
  ];
  writeIndex(folder, 'trixie', packages);
});
afterAll(() => rmSync(folder, { recursive: true }));

function chosen(...names: readonly string[]) {
  const mirror = { debian: `file:${folder}/`, security: undefined };
  const sources = [`deb [trusted=yes arch=amd64] file:${folder}/ trixie main`];
  return choose(join(folder, 'private'), mirror, sources, names);
}

describe('what apt would install', () => {
  test('is what was wanted, what it needs and what is essential, to the byte', async () => {
    const found = await chosen('wanted');
    const expected = packages.map(({ locked }) => locked).filter(({ name }) => name !== 'unneeded');

    expect(found.toSorted(byName)).toEqual(expected.toSorted(byName));
  });

  test('is refused by name where the suite has no such package', async () => {
    await expect(chosen('wanted', 'absent')).rejects.toMatchObject({
      code: 'BUNDLE_PACKAGE_UNKNOWN',
      message: expect.stringContaining('absent'),
    });
  });
});

describe("the machine's own mirror", () => {
  test('is found whatever release the machine runs', () => {
    const printed = [
      'http://packages.internal/node/ nodistro main',
      line('debian', 'bookworm', 'contrib'),
      line('debian', 'bookworm-updates'),
      line('debian-security', 'bookworm-security'),
      line('debian', 'bookworm'),
    ];

    expect(mirrorIn(printed.join('\n'))).toEqual({
      debian: 'http://mirror.internal/debian/',
      security: 'http://mirror.internal/debian-security/',
    });
  });

  test('may be without security updates', () => {
    const mirror = mirrorIn(line('debian', 'trixie'));

    expect(mirror.security).toBeUndefined();
    expect(sourcesOf(mirror, 'trixie')).toHaveLength(2);
  });

  test.each(['', 'http://packages.internal/node/ nodistro main'])(
    'is missed by name in %j',
    (printed) => {
      expect(() => mirrorIn(printed)).toThrow(
        expect.objectContaining({ code: 'BUNDLE_MIRROR_UNKNOWN' }),
      );
    },
  );

  test('is believed only with the signature of Debian', () => {
    const lines = sourcesOf({ debian: 'http://a/debian', security: 'http://a/security' }, 'trixie');

    expect(lines).toHaveLength(3);
    expect(lines.every((text) => text.includes('signed-by=/usr/share/keyrings/debian-'))).toBe(
      true,
    );
  });

  test.each(['http://a/debian', 'http://a/debian/'])('%s has its files below it', (base) => {
    expect(addressOf(base, 'pool/x.deb')).toBe('http://a/debian/pool/x.deb');
  });
});

/** A source as apt lists it. */
function line(archive: string, release: string, component = 'main'): string {
  return `http://mirror.internal/${archive}/ ${release} ${component}`;
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
