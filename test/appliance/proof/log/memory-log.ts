import type { LogEntry } from '@physiclaw/contracts';
import {
  canonicalize,
  encodeBundle,
  entriesPath,
  hashLeaf,
  LogTree,
  logVerifier,
  type LogSource,
  signCheckpoint,
  signerFromSeed,
  TILE_WIDTH,
  tilePath,
} from '@physiclaw/proof';

export const origin = 'test.internal/audit';
export const signer = signerFromSeed(new Uint8Array(32).fill(7));
export const vkey = logVerifier(origin, signer.publicKey);

const hash = 'ab'.repeat(32);

/** Entry number `n` of a log that nothing is wrong with. */
export function entry(n: number, change: Partial<LogEntry['unmapped']> = {}) {
  return {
    category_uid: 6,
    class_uid: 6003,
    activity_id: 99,
    type_uid: 600_399,
    severity_id: 1,
    time: 1_700_000_000_000 + n,
    metadata: {
      version: '1.6.0',
      product: { name: 'physiclaw', vendor_name: 'physiclaw' },
      profiles: ['ai_operation', 'record_integrity'],
    },
    unmapped: {
      reporter: 'spiffe://test.internal/agent',
      time_source: 'unverified-rtc',
      once: [`key-${n}`],
      event: {
        kind: 'turn',
        session: `s-${n.toString(16).padStart(32, '0')}`,
        turn: `t-${n.toString(16).padStart(32, '0')}`,
        verb: 'asked',
        planner: 'runbook',
        digest: hash,
      },
      ...change,
    },
  };
}

export const bytesOf = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : canonicalize(value));

export const entries = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, n) => bytesOf(entry(n)));

/** The files of a log with these entries, in memory. */
export class MemoryLog implements LogSource {
  readonly files = new Map<string, Uint8Array>();

  constructor(leaves: readonly Uint8Array[]) {
    const tree = new LogTree();
    for (const leaf of leaves) {
      tree.add(hashLeaf(leaf), (tile) => {
        this.files.set(tilePath(tile.level, tile.index), tile.toBytes());
      });
    }
    for (const tile of tree.edge) {
      this.files.set(tilePath(tile.level, tile.index, tile.hashes.length), tile.toBytes());
    }
    for (let at = 0; at < leaves.length; at += TILE_WIDTH) {
      const bundle = leaves.slice(at, at + TILE_WIDTH);
      this.files.set(entriesPath(at / TILE_WIDTH, bundle.length), encodeBundle(bundle));
    }
    this.checkpoint = signCheckpoint({ origin, size: tree.size, root: tree.root }, signer);
  }

  get checkpoint(): string {
    return new TextDecoder().decode(this.read('checkpoint'));
  }

  set checkpoint(text: string) {
    this.files.set('checkpoint', bytesOf(text));
  }

  list(): Iterable<string> {
    return this.files.keys();
  }

  read(path: string): Uint8Array | undefined {
    return this.files.get(path);
  }

  /** Changes one bit of a file. */
  flip(path: string, bit: number): void {
    const bytes = Uint8Array.from(this.files.get(path) ?? []);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    this.files.set(path, bytes);
  }
}
