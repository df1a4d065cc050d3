import {
  encodeBundle,
  entriesPath,
  hashLeaf,
  type LogTree,
  type PlacedTile,
  TILE_WIDTH,
  tilePath,
} from '@physiclaw/proof';

/** A log at one moment. Never changed: a new moment is a new value. */
export interface LogState {
  readonly tree: LogTree;
  /** Tiles that the last batch filled. */
  readonly full: readonly PlacedTile[];
  /** The entries of the last bundle, where it is not full. */
  readonly bundle: readonly Uint8Array[];
  readonly checkpoint: string;
}

/** What entries do to a log: nothing of it is on the disk yet, and no checkpoint signed. */
export interface Growth extends Omit<LogState, 'checkpoint'> {
  /** New files, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Files that the new checkpoint has no use for. */
  readonly superseded: readonly string[];
}

/** The log with these entries appended; its cost grows with theirs, not with the log. */
export function grow(state: LogState, entries: readonly Uint8Array[]): Growth {
  const tree = state.tree.clone();
  const full: PlacedTile[] = [];
  const files = new Map<string, Uint8Array>();
  let bundle = [...state.bundle];
  for (const entry of entries) {
    tree.add(hashLeaf(entry), (tile) => full.push(tile));
    bundle.push(entry);
    if (bundle.length < TILE_WIDTH) continue;
    files.set(entriesPath(tree.size / TILE_WIDTH - 1), encodeBundle(bundle));
    bundle = [];
  }
  for (const { level, index, tile } of full) files.set(tilePath(level, index), tile.toBytes());
  const before = partialFiles(state);
  const after = partialFiles({ tree, bundle });
  for (const [path, write] of after) if (!before.has(path)) files.set(path, write());
  const superseded = [...before.keys()].filter((path) => !after.has(path));
  return { tree, bundle, full, files, superseded };
}

/** The files at the right edge, each with what lies in it. */
function partialFiles({ tree, bundle }: Pick<LogState, 'tree' | 'bundle'>) {
  const files = new Map<string, () => Uint8Array>();
  for (const { level, index, tile } of tree.edge) {
    const width = tile.hashes.length;
    files.set(tilePath(level, index, width), () => tile.toBytes());
    if (level === 0) files.set(entriesPath(index, width), () => encodeBundle(bundle));
  }
  return files;
}
