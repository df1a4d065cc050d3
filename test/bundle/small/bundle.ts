import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { type Input, inputOfBytes } from '#offline-bundle/archive/input.ts';
import { writeBundle } from '#offline-bundle/create/write.ts';
import type { Manifest } from '#offline-bundle/manifest/manifest.ts';

export interface Small {
  readonly file: string;
  readonly manifest: Manifest;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const HEAD = { version: '0.1.0', suite: 'trixie', created: 1_760_000_000 };

/** A bundle with each kind of blob, of sizes around the block's, and one of no bytes at all. */
const CONTENTS: readonly (readonly [path: string, size: number])[] = [
  ['bundle.lock', 700],
  ['debian/dists/trixie/InRelease', 511],
  ['debian/dists/trixie/main/binary-amd64/Packages', 513],
  ['debian/key.gpg', 300],
  ['debian/pool/a_1.0-1_amd64.deb', 4096],
  ['debian/pool/b_2%3a3.1+deb13~u1_all.deb', 1024],
  ['oci/blobs/sha256/layer', 9000],
  ['oci/index.json', 200],
  ['policies/strict.cedar', 512],
  ['skills/sre/SKILL.md', 1],
  ['skills/sre/empty.yaml', 0],
];

export function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

export function inputs(): Promise<Input[]> {
  return Promise.all(CONTENTS.map(([path, size]) => inputOfBytes(path, patternOf(path, size))));
}

export async function writeSmall(folder: string): Promise<Small> {
  const file = join(folder, 'small.bundle');
  const keys = newKeys();
  const manifest = await writeBundle(file, HEAD, await inputs(), keys.privateKey);
  return { file, manifest, ...keys };
}

/** Bytes that differ from file to file and hold every value. */
function patternOf(path: string, size: number): Uint8Array {
  return Uint8Array.from(
    { length: size },
    (_, at) => (at * 31 + path.length * 7 + (at >> 8)) & 0xff,
  );
}
