import { sameBytes } from '../encoding/bytes.ts';
import { ProofError } from '../error.ts';
import { hashLeaf } from '../merkle/hash.ts';
import { decodeBundle, entriesPath, tilePath } from '../merkle/tile.ts';
import { LogFault } from './fault.ts';
import { firstEntryOf, TILE_WIDTH } from './files.ts';
import type { LogReader, TilePlace } from './reader.ts';
import type { Tile, LogTree } from './tree.ts';

/** What is wrong with a tile that is not the one its parent names. */
export async function faultOf(reader: LogReader, place: TilePlace, tile: Tile): Promise<LogFault> {
  const file = tilePath(place.level, place.index, place.width);
  const different = await firstDifference(reader, place, tile);
  const index = different ?? firstEntryOf(place);
  return new LogFault('PROOF_LOG_CHANGED', { file, index }, 'is not the tile that was signed');
}

/**
 * What is wrong where the tiles at the right edge do not lead to the signed root: one of them, or,
 * where they are what lies below them, the whole log.
 */
export async function faultAtEdge(reader: LogReader, { edge, size }: LogTree): Promise<LogFault> {
  for (const [level, tile] of edge.entries()) {
    const index = Math.floor(size / TILE_WIDTH ** (level + 1));
    const place = { level, index, width: tile.hashes.length };
    if (place.width === 0 || (await firstDifference(reader, place, tile)) === undefined) continue;
    return faultOf(reader, place, tile);
  }
  const reason = 'the log is whole, and not the one that was signed';
  return new LogFault('PROOF_LOG_FORKED', { file: 'checkpoint', index: 0 }, reason);
}

/** The first entry under a tile whose hash there is not what lies below it. */
async function firstDifference(
  reader: LogReader,
  place: TilePlace,
  { hashes }: Tile,
): Promise<number | undefined> {
  const below = await hashesBelow(reader, place);
  const at = hashes.findIndex((hash, i) => !sameBytes(hash, below[i] ?? new Uint8Array()));
  return at === -1 ? undefined : firstEntryOf(place) + at * TILE_WIDTH ** place.level;
}

async function hashesBelow(reader: LogReader, place: TilePlace): Promise<Uint8Array[]> {
  if (place.level === 0) return leavesOf(await reader.read(entriesPath(place.index, place.width)));
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < place.width; at++) {
    const index = place.index * TILE_WIDTH + at;
    const { root } = await reader.tile({ level: place.level - 1, index, width: TILE_WIDTH });
    if (root) hashes.push(root);
  }
  return hashes;
}

function leavesOf(bundle: Uint8Array): Uint8Array[] {
  try {
    return decodeBundle(bundle).map((entry) => hashLeaf(entry));
  } catch (cause) {
    // A bundle that is broken too has no hashes to compare with: the tile is named first.
    if (cause instanceof ProofError) return [];
    throw cause;
  }
}
