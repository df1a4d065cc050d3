import { canonicalize } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { memberOf, readManifest, writeManifest } from '#offline-bundle/manifest/manifest.ts';

const blob = (path: string) => ({ path, size: 1, sha256: 'ab'.repeat(32) });
const manifestOf = (...paths: readonly string[]) => ({
  schema: 'physiclaw/bundle/v1' as const,
  version: '0.1.0',
  suite: 'trixie',
  created: 1,
  blobs: paths.map((path) => blob(path)),
});
const readBack = (value: unknown) => readManifest(Buffer.from(canonicalize(value)));
const invalid = expect.objectContaining({ code: 'BUNDLE_MANIFEST_INVALID' });

test('what was written is read back', () => {
  const manifest = manifestOf('bundle.lock', 'debian/key.gpg', 'debian/pool/a_1%3a2+b~c_amd64.deb');

  expect(readManifest(writeManifest(manifest))).toEqual(manifest);
});

test('a blob is named by its digest, as in an OCI layout', () => {
  expect(memberOf(blob('bundle.lock'))).toBe(`blobs/sha256/${'ab'.repeat(32)}`);
});

describe('a path never leads out of the folder', () => {
  test.each([
    '../evil',
    'skills/../../evil',
    'skills/..',
    'skills/./a',
    '/etc/passwd',
    'skills//a',
    'skills/',
    'skills',
    'debian/.hidden',
    String.raw`skills\..\evil`,
    'skills/a\u0000b',
    'skills/a\nb',
    'skills/ä',
    'manifest.json',
    'manifest.sigstore.json',
    'etc/passwd',
    'C:/evil',
    `skills/${'a'.repeat(201)}`,
    `skills${'/a'.repeat(13)}`,
    '',
  ])('%j is refused', (path) => {
    expect(() => readBack(manifestOf(path))).toThrow(invalid);
    expect(() => writeManifest(manifestOf(path))).toThrow(z.ZodError);
  });
});

describe('there is one manifest for a list of blobs', () => {
  test.each([
    ['a path that comes twice', manifestOf('skills/a', 'skills/a')],
    ['another order', manifestOf('skills/b', 'skills/a')],
    ['a file that is a folder too', manifestOf('skills/a', 'skills/a/b')],
    ['no blob', manifestOf()],
    ['another schema', { ...manifestOf('skills/a'), schema: 'physiclaw/bundle/v2' }],
    ['a key that nobody knows', { ...manifestOf('skills/a'), more: 1 }],
    ['a size below zero', { ...manifestOf(), blobs: [{ ...blob('skills/a'), size: -1 }] }],
    ['half a byte', { ...manifestOf(), blobs: [{ ...blob('skills/a'), size: 0.5 }] }],
    [
      'a digest in capitals',
      { ...manifestOf(), blobs: [{ ...blob('skills/a'), sha256: 'AB'.repeat(32) }] },
    ],
  ])('%s is refused', (_, manifest) => {
    expect(() => readBack(manifest)).toThrow(invalid);
  });

  test.each([
    ['a space', (text: string) => text.replace(':', ': ')],
    ['a line feed at the end', (text: string) => `${text}\n`],
    ['a mark of the byte order', (text: string) => `\uFEFF${text}`],
    ['a key given twice', (text: string) => text.replace('{', '{"created":1,')],
    ['no JSON', () => 'manifest'],
  ])('%s more is refused', (_, change) => {
    const text = canonicalize(manifestOf('skills/a'));

    expect(() => readManifest(Buffer.from(change(text)))).toThrow(invalid);
  });

  test('bytes that are no UTF-8 are refused', () => {
    expect(() => readManifest(Buffer.of(0x7b, 0xff, 0x7d))).toThrow(invalid);
  });
});
