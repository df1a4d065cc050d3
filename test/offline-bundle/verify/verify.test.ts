import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalize } from '@physiclaw/proof';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { END_BYTES, headerOf, paddingOf } from '#offline-bundle/archive/header.ts';
import { BundleError } from '#offline-bundle/error.ts';
import { memberOf } from '#offline-bundle/manifest/manifest.ts';
import { signManifest } from '#offline-bundle/signature/sign.ts';
import { verifyBundle } from '#offline-bundle/verify/verify.ts';
import { inputs, newKeys, type Small, writeSmall } from '#test/bundle/small/bundle.ts';

let folder = '';
let small: Small;
let target = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-verify-'));
  target = join(folder, 'target');
  small = await writeSmall(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The refusal of these bytes in place of the bundle's; nothing is left of an attempt to unpack. */
async function refusalOf(bytes: Buffer, key = small.publicKey): Promise<BundleError> {
  const file = join(folder, 'changed.bundle');
  writeFileSync(file, bytes);
  const refused: unknown = await verifyBundle(file, key, target).catch((error: unknown) => error);
  expect(readdirSync(folder).toSorted()).toEqual(['changed.bundle', 'small.bundle']);
  if (refused instanceof BundleError) return refused;
  throw new Error('expected a refusal', { cause: refused });
}

/** Where a blob's member begins, and where the next one does. */
function memberAt(bytes: Buffer, path: string): { from: number; to: number } {
  const blob = small.manifest.blobs.find((one) => one.path === path) ?? {
    path,
    size: 0,
    sha256: '',
  };
  const from = bytes.indexOf(headerOf({ name: memberOf(blob), size: blob.size }));
  return { from, to: from + 512 + blob.size + paddingOf(blob.size) };
}

function member(name: string, bytes: Uint8Array): Buffer {
  const padding = Buffer.alloc(paddingOf(bytes.length));
  return Buffer.concat([headerOf({ name, size: bytes.length }), bytes, padding]);
}

describe('a bundle as it was made', () => {
  test('is accepted, and every byte of it was read', async () => {
    const { manifest, bytes } = await verifyBundle(small.file, small.publicKey);

    expect(manifest).toEqual(small.manifest);
    expect(bytes).toBe(readFileSync(small.file).length);
  });

  test('is unpacked as it was put in, and nothing else is there', async () => {
    await verifyBundle(small.file, small.publicKey, target);

    for (const { path, read } of await inputs()) {
      const expected: Uint8Array[] = [];
      for await (const chunk of read()) expected.push(chunk);
      expect(readFileSync(join(target, path)).equals(Buffer.concat(expected))).toBe(true);
    }
    const files = readdirSync(target, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile())).toHaveLength(small.manifest.blobs.length + 2);
  });

  test('is read by tar as well', async () => {
    const bytes = readFileSync(small.file);

    expect(bytes.subarray(0, 13).toString()).toBe('manifest.json');
    expect(bytes.subarray(-END_BYTES).every((byte) => byte === 0)).toBe(true);
    await expect(verifyBundle(small.file, small.publicKey)).resolves.toBeDefined();
  });

  test('is not written over something that is there', async () => {
    mkdirSync(target);

    await expect(verifyBundle(small.file, small.publicKey, target)).rejects.toMatchObject({
      code: 'BUNDLE_TARGET_EXISTS',
    });
    rmSync(target, { recursive: true });
    mkdirSync(`${target}.partial`);
    await expect(verifyBundle(small.file, small.publicKey, target)).rejects.toThrow(
      'target.partial',
    );
    expect(existsSync(target)).toBe(false);
  });
});

describe('a fault is named with its blob and its place', () => {
  test('a key that is not trusted', async () => {
    const { publicKey } = newKeys();

    expect(await refusalOf(readFileSync(small.file), publicKey)).toMatchObject({
      code: 'BUNDLE_KEY_UNTRUSTED',
      place: { blob: 'manifest.sigstore.json' },
    });
  });

  test.each(['bundle.lock', 'oci/index.json', 'skills/sre/empty.yaml'])(
    'a missing blob: %s',
    async (path) => {
      const bytes = readFileSync(small.file);
      const { from, to } = memberAt(bytes, path);
      const without = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
      const refusal = await refusalOf(without);

      expect(refusal).toMatchObject({
        code: 'BUNDLE_BLOB_MISSING',
        place: { blob: path, offset: from },
      });
      expect(refusal.message).toContain(path);
    },
  );

  test.each(['debian/key.gpg', undefined])('an extra member before %s', async (path) => {
    const bytes = readFileSync(small.file);
    const at = path === undefined ? bytes.length - END_BYTES : memberAt(bytes, path).from;
    const extra = member('evil', Buffer.from('evil'));
    const refusal = await refusalOf(
      Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at)]),
    );

    expect(refusal).toMatchObject({ code: 'BUNDLE_MEMBER_EXTRA', place: { offset: at } });
    expect(refusal.message).toContain('evil');
  });

  test('a blob that comes twice', async () => {
    const bytes = readFileSync(small.file);
    const { from, to } = memberAt(bytes, 'debian/key.gpg');
    const twice = Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);

    expect(await refusalOf(twice)).toMatchObject({
      code: 'BUNDLE_MEMBER_EXTRA',
      place: { offset: to },
    });
  });

  test('two blobs that changed places', async () => {
    const bytes = readFileSync(small.file);
    const [a, b] = ['oci/index.json', 'policies/strict.cedar'].map((path) => memberAt(bytes, path));
    if (!a || !b) throw new Error('two members');
    const swapped = [bytes.subarray(b.from, b.to), bytes.subarray(a.from, a.to)];

    expect(
      await refusalOf(Buffer.concat([bytes.subarray(0, a.from), ...swapped, bytes.subarray(b.to)])),
    ).toMatchObject({ code: 'BUNDLE_BLOB_MISSING', place: { blob: 'oci/index.json' } });
  });

  test('one bit of a blob', async () => {
    const bytes = readFileSync(small.file);
    const { from } = memberAt(bytes, 'oci/blobs/sha256/layer');
    bytes.writeUInt8((bytes[from + 600] ?? 0) ^ 1, from + 600);

    expect(await refusalOf(bytes)).toMatchObject({
      code: 'BUNDLE_BLOB_CHANGED',
      place: { blob: 'oci/blobs/sha256/layer', offset: from + 512 },
    });
  });

  test.each([
    ['a header', 'debian/key.gpg', 136],
    ['the zeros after a header', 'debian/key.gpg', 511],
    ['the zeros after a blob', 'debian/key.gpg', 512 + 300],
  ])('one bit of %s, to the byte', async (_, path, after) => {
    const bytes = readFileSync(small.file);
    const at = memberAt(bytes, path).from + after;
    bytes.writeUInt8((bytes[at] ?? 0) ^ 4, at);

    expect(await refusalOf(bytes)).toMatchObject({
      code: 'BUNDLE_HEADER_INVALID',
      place: { blob: path, offset: at },
    });
  });

  test('an end within a blob', async () => {
    const bytes = readFileSync(small.file);
    const { from } = memberAt(bytes, 'oci/index.json');

    expect(await refusalOf(bytes.subarray(0, from + 520))).toMatchObject({
      code: 'BUNDLE_CUT',
      place: { blob: 'oci/index.json', offset: from + 520 },
    });
  });

  test('an end without the zeros of an archive', async () => {
    const bytes = readFileSync(small.file);

    expect(await refusalOf(bytes.subarray(0, -1))).toMatchObject({ code: 'BUNDLE_CUT' });
  });

  test.each([Buffer.alloc(1), Buffer.alloc(512), Buffer.from('more')])(
    'bytes after the end: %j',
    async (more) => {
      const bytes = readFileSync(small.file);

      expect(await refusalOf(Buffer.concat([bytes, more]))).toMatchObject({
        code: 'BUNDLE_TAIL_INVALID',
        place: { offset: bytes.length },
      });
    },
  );

  test('a file that is not there, and one that is a folder', async () => {
    for (const path of [join(folder, 'absent'), folder]) {
      await expect(verifyBundle(path, small.publicKey)).rejects.toMatchObject({
        code: 'BUNDLE_UNREADABLE',
      });
    }
  });

  test.each([0, 1, 511, 512])('a file of %d bytes', async (size) => {
    expect(await refusalOf(Buffer.alloc(size))).toMatchObject({
      place: { blob: 'manifest.json' },
    });
  });
});

describe('what is signed is not believed for that', () => {
  test.each(['../evil', '/tmp/evil', 'skills/../../evil'])('a path %s is refused', async (path) => {
    const blob = { path, size: 0, sha256: 'ab'.repeat(32) };
    const { schema, version, suite, created } = small.manifest;
    const manifest = canonicalize({ schema, version, suite, created, blobs: [blob] });
    const bytes = Buffer.from(manifest);
    const signature = await signManifest(bytes, small.privateKey);
    const forged = [member('manifest.json', bytes), member('manifest.sigstore.json', signature)];

    expect(await refusalOf(Buffer.concat(forged))).toMatchObject({
      code: 'BUNDLE_MANIFEST_INVALID',
    });
  });

  test('a manifest is not read before its signature was checked', async () => {
    const bytes = readFileSync(small.file);
    const noManifest = Buffer.from('no JSON at all');
    const signature = await signManifest(Buffer.from('something else'), small.privateKey);
    const forged = [
      member('manifest.json', noManifest),
      member('manifest.sigstore.json', signature),
    ];

    expect(await refusalOf(Buffer.concat([...forged, bytes]))).toMatchObject({
      code: 'BUNDLE_SIGNATURE_INVALID',
    });
  });

  test('an opening that would fill the memory is refused by its header', async () => {
    for (const [name, size] of [
      ['manifest.json', (16 << 20) + 1],
      ['manifest.json', 0],
    ] as const) {
      const bytes = Buffer.concat([headerOf({ name, size }), Buffer.alloc(4096)]);

      expect(await refusalOf(bytes)).toMatchObject({ code: 'BUNDLE_HEADER_INVALID' });
    }
  });
});
