import { createHash } from 'node:crypto';
import type { Region } from './regions.ts';

/** One change of a bundle's bytes. */
export interface Mutation {
  readonly region: string;
  readonly how: string;
  readonly at: number;
  readonly bytes: Buffer;
}

type Change = (bytes: Buffer, at: number, drawn: number) => Buffer;

/** Each gives other bytes than it was given. */
const changes: Readonly<Record<string, Change>> = {
  'a bit flipped': (bytes, at, drawn) => put(bytes, at, (bytes[at] ?? 0) ^ (1 << (drawn & 7))),
  'a byte replaced': (bytes, at, drawn) => put(bytes, at, (bytes[at] ?? 0) + 1 + (drawn % 255)),
  'a byte put in': (bytes, at, drawn) => splice(bytes, at, 0, Buffer.of(drawn & 0xff)),
  'a byte taken out': (bytes, at) => splice(bytes, at, 1),
  'a block put in twice': (bytes, at) => {
    const from = at - (at % 512);
    return splice(bytes, from, 0, bytes.subarray(from, from + 512));
  },
  'a block taken out': (bytes, at) => splice(bytes, at - (at % 512), 512),
  'a block of noise': (bytes, at, drawn) => {
    const noise = createHash('shake256', { outputLength: 512 }).update(String(drawn)).digest();
    return splice(bytes, at - (at % 512), 512, noise);
  },
  'cut off': (bytes, at) => Buffer.from(bytes.subarray(0, at)),
  'bytes put after the end': (bytes, _, drawn) =>
    Buffer.concat([bytes, Buffer.alloc(1 + (drawn % 1024), drawn & 1)]),
};
const names = Object.keys(changes);

/** Mutation number `n`: regions and changes take turns, the place is drawn from the seed. */
export function drawMutation(
  seed: string,
  n: number,
  original: Buffer,
  regions: readonly Region[],
): Mutation {
  const kinds = [...new Set(regions.map(({ name }) => name))];
  const region = kinds[n % kinds.length] ?? '';
  const how = names[Math.floor(n / kinds.length) % names.length] ?? '';
  const digest = createHash('sha256').update(`${seed} ${n}`).digest();
  const drawn = digest.readUInt32BE(6);
  const at = placeIn(
    regions.filter(({ name }) => name === region),
    digest.readUIntBE(0, 6),
  );
  const change = changes[how];
  if (!change) throw new Error(`no change is called ${how}`);
  return { region, how, at, bytes: change(original, at, drawn) };
}

function placeIn(regions: readonly Region[], drawn: number): number {
  const total = regions.reduce((sum, { from, to }) => sum + to - from, 0);
  let left = drawn % total;
  for (const { from, to } of regions) {
    if (left < to - from) return from + left;
    left -= to - from;
  }
  return 0;
}

function put(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(value & 0xff, at);
  return changed;
}

function splice(
  bytes: Buffer,
  at: number,
  out: number,
  added: Uint8Array = Buffer.alloc(0),
): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + out)]);
}
