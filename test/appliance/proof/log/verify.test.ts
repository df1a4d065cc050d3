import { SpiffeId } from '@physiclaw/contracts';
import {
  decodeBundle,
  encodeBundle,
  hashLeaf,
  LogFault,
  logFiles,
  logVerifier,
  onceKey,
  signCheckpoint,
  signerFromSeed,
  verifyLog,
  type VerifyOptions,
} from '@physiclaw/proof';
import { beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, entries, entry, MemoryLog, origin, signer, vkey } from './memory-log.ts';

const SIZE = 530;
let leaves: Uint8Array[];
beforeAll(() => {
  leaves = entries(SIZE);
});

async function faultOf(log: MemoryLog, options: Partial<VerifyOptions> = {}): Promise<LogFault> {
  try {
    await verifyLog(log, { vkey, ...options });
  } catch (fault) {
    if (fault instanceof LogFault) return fault;
    throw fault;
  }
  throw new Error('the log was found sound');
}

describe('a sound log', () => {
  test.each([0, 1, 255, 256, 257, 512, SIZE])('of %i entries passes', async (size) => {
    const log = new MemoryLog(leaves.slice(0, size));

    const found = await verifyLog(log, { vkey });

    expect(found).toMatchObject({ origin, size, files: log.files.size });
    expect(found.tree.root).toEqual(found.root);
  });

  test('is walked through in order', async () => {
    const { used, time } = await verifyLog(new MemoryLog(leaves), { vkey });
    const { reporter } = entry(0).unmapped;

    const keys = leaves.map((_, index) => [onceKey(reporter, `key-${index}`), index]);
    expect([...used]).toEqual(keys);
    expect(time).toBe(entry(SIZE - 1).time);
  });

  test.each([0, 1, 255, 256, 257, 512, SIZE])('of %i entries ends in a bundle', async (size) => {
    const { bundle } = await verifyLog(new MemoryLog(leaves.slice(0, size)), { vkey });

    expect(bundle).toEqual(leaves.slice(size - (size % 256), size));
  });
});

describe('one flipped bit', () => {
  const files = ['checkpoint', ...[...logFiles(SIZE)].map(({ path }) => path)];

  test.each(files)('in %s is found, and the file is named', async (file) => {
    const sound = new MemoryLog(leaves);
    const bits = (sound.read(file)?.length ?? 0) * 8;
    for (const bit of [0, 1, 7, 8, 15, bits >> 1, bits - 9, bits - 1]) {
      const log = new MemoryLog(leaves);
      log.flip(file, bit);

      expect(await faultOf(log)).toMatchObject({ file, index: expect.any(Number) });
    }
  });

  test.each(['tile/0/001', 'tile/0/002.p/18', 'tile/1/000.p/2'])(
    'in %s is named with the first entry that the tile is to prove',
    async (file) => {
      const log = new MemoryLog(leaves);
      log.flip(file, 256);

      const index = { 'tile/0/001': 256, 'tile/0/002.p/18': 512 }[file] ?? 0;
      expect(await faultOf(log)).toMatchObject({ code: 'PROOF_LOG_CHANGED', file, index });
    },
  );

  test('in an entry is named with it', async () => {
    const log = new MemoryLog(leaves);
    const before = leaves.slice(256, 256 + 9).reduce((sum, { length }) => sum + 2 + length, 0);
    log.flip('tile/entries/001', (before + 30) * 8);

    expect(await faultOf(log)).toMatchObject({ file: 'tile/entries/001', index: 256 + 9 });
  });
});

test.each([...logFiles(SIZE)].map(({ path }) => path))('without %s it is refused', async (file) => {
  const log = new MemoryLog(leaves);
  log.files.delete(file);

  expect(await faultOf(log)).toMatchObject({ code: 'PROOF_LOG_MISSING', file });
});

test('without a checkpoint it is refused', async () => {
  const log = new MemoryLog(leaves);
  log.files.delete('checkpoint');

  expect(await faultOf(log)).toMatchObject({ code: 'PROOF_LOG_MISSING', file: 'checkpoint' });
});

test('a file that vanishes while it is read is missing', async () => {
  const log = new MemoryLog(leaves);
  const read = (path: string) => (path === 'tile/entries/001' ? undefined : log.read(path));

  await expect(verifyLog({ list: () => log.list(), read }, { vkey })).rejects.toMatchObject({
    code: 'PROOF_LOG_MISSING',
    file: 'tile/entries/001',
    index: 256,
  });
});

test.each([
  ['notes.txt', undefined],
  ['tile/0/002.p/17', 512],
  ['tile/entries/003', 768],
  ['tile/0/002.p/18.tmp', undefined],
])('the stray file %s is refused', async (file, index) => {
  const log = new MemoryLog(leaves);
  log.files.set(file, new Uint8Array());

  expect(await faultOf(log)).toMatchObject({ code: 'PROOF_LOG_STRAY', file, index });
});

describe('files of another length', () => {
  test.each(['tile/0/000', 'tile/0/002.p/18', 'tile/1/000.p/2'])(
    '%s with a byte more or less is refused',
    async (file) => {
      for (const change of [(b: Uint8Array) => b.slice(1), (b: Uint8Array) => bytesPlus(b, 1)]) {
        const log = new MemoryLog(leaves);
        log.files.set(file, change(log.read(file)!));

        expect(await faultOf(log)).toMatchObject({ code: 'PROOF_LOG_CHANGED', file });
      }
    },
  );

  test('an entry bundle that is cut short names its last entry', async () => {
    const log = new MemoryLog(leaves);
    log.files.set('tile/entries/001', log.read('tile/entries/001')!.slice(0, -1));

    expect(await faultOf(log)).toMatchObject({ file: 'tile/entries/001', index: 511 });
  });

  test('an entry bundle without its last entry names it', async () => {
    const log = new MemoryLog(leaves);
    log.files.set('tile/entries/001', encodeBundle(leaves.slice(256, 511)));

    expect(await faultOf(log)).toMatchObject({ file: 'tile/entries/001', index: 511 });
  });

  test('an entry bundle with something behind its last entry is refused', async () => {
    const log = new MemoryLog(leaves);
    log.files.set('tile/entries/001', bytesPlus(log.read('tile/entries/001')!, 2));

    expect(await faultOf(log)).toMatchObject({ file: 'tile/entries/001', index: 512 });
  });
});

describe('two swapped entries', () => {
  test('in their bundle are found at the first of them', async () => {
    const log = new MemoryLog(leaves);
    log.files.set('tile/entries/001', swapped().read('tile/entries/001')!);

    expect(await faultOf(log)).toMatchObject({ file: 'tile/entries/001', index: 300 });
  });

  test('with their tile are found by the level above', async () => {
    const log = new MemoryLog(leaves);
    const other = swapped();
    for (const file of ['tile/entries/001', 'tile/0/001']) log.files.set(file, other.read(file)!);

    expect(await faultOf(log)).toMatchObject({ file: 'tile/0/001', index: 256 });
  });

  test('with every tile are found by the checkpoint', async () => {
    const log = swapped();
    log.checkpoint = new MemoryLog(leaves).checkpoint;

    expect(await faultOf(log)).toMatchObject({ code: 'PROOF_LOG_FORKED', file: 'checkpoint' });
  });
});

test('where a tile and its bundle are both broken the tile is named', async () => {
  const log = new MemoryLog(leaves);
  log.flip('tile/0/002.p/18', 0);
  log.files.set('tile/entries/002.p/18', Uint8Array.of(9, 9, 9));

  expect(await faultOf(log)).toMatchObject({ file: 'tile/0/002.p/18', index: 512 });
});

describe('the checkpoint', () => {
  test('of another key is refused', async () => {
    const other = signerFromSeed(new Uint8Array(32).fill(8));

    expect(
      await faultOf(new MemoryLog(leaves), { vkey: logVerifier(origin, other.publicKey) }),
    ).toMatchObject({ code: 'PROOF_LOG_CHECKPOINT', file: 'checkpoint' });
  });

  test('that is no text is refused', async () => {
    const log = new MemoryLog(leaves);
    log.files.set('checkpoint', Uint8Array.of(0xff));

    expect(await faultOf(log)).toMatchObject({ code: 'PROOF_LOG_CHECKPOINT' });
  });

  test('with base64 that is not canonical is refused', async () => {
    const log = new MemoryLog(leaves);
    // The last digit of a 32-byte root carries two bits that decoders like to ignore.
    const [name, size, root = ''] = log.checkpoint.split('\n');
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const looser = digits[digits.indexOf(root.at(-2)!) + 1]!;
    const text = [name, size, `${root.slice(0, -2)}${looser}=`].join('\n');
    log.checkpoint = log.checkpoint.replace([name, size, root].join('\n'), text);

    expect(await faultOf(log)).toMatchObject({
      code: 'PROOF_LOG_CHECKPOINT',
      message: expect.stringContaining('canonical'),
    });
  });
});

describe('against a checkpoint that was held outside', () => {
  test.each([0, 1, 256, 300, SIZE])('of size %i a log that grew passes', async (size) => {
    const since = new MemoryLog(leaves.slice(0, size)).checkpoint;

    expect(await verifyLog(new MemoryLog(leaves), { vkey, since })).toMatchObject({ size: SIZE });
  });

  test('a log that was cut back is refused at the first entry that is gone', async () => {
    const since = new MemoryLog(leaves).checkpoint;

    expect(await faultOf(new MemoryLog(leaves.slice(0, 400)), { since })).toMatchObject({
      code: 'PROOF_LOG_CUT',
      file: 'checkpoint',
      index: 400,
    });
  });

  test('a log with another history is refused, one of several being enough', async () => {
    const other = [...leaves.slice(0, 100), bytesOf(entry(100, { once: [] }))];
    const since = [new MemoryLog(leaves.slice(0, 9)).checkpoint, new MemoryLog(other).checkpoint];

    expect(await faultOf(new MemoryLog(leaves), { since })).toMatchObject({
      code: 'PROOF_LOG_FORKED',
      file: 'checkpoint',
    });
  });

  test('a root of size 0 that is not the empty tree is refused', async () => {
    const since = signCheckpoint({ origin, size: 0, root: hashLeaf(bytesOf('')) }, signer);

    expect(await faultOf(new MemoryLog(leaves), { since })).toMatchObject({
      code: 'PROOF_LOG_FORKED',
    });
  });

  test('one that this log did not sign is no evidence and is refused', async () => {
    expect(await faultOf(new MemoryLog(leaves), { since: 'nonsense' })).toMatchObject({
      code: 'PROOF_LOG_CHECKPOINT',
      file: 'since',
    });
  });
});

describe('an entry under a good signature', () => {
  const at = { code: 'PROOF_LOG_ENTRY', file: 'tile/entries/001', index: 300 };

  test('that is not in canonical form is refused', async () => {
    expect(await withEntry(bytesOf(JSON.stringify(entry(300), null, 1)))).toMatchObject(at);
  });

  test('that is no JSON is refused', async () => {
    expect(await withEntry(Uint8Array.of(0xff, 0xfe))).toMatchObject(at);
  });

  test('that is no log entry is refused', async () => {
    expect(await withEntry(bytesOf({ ...entry(300), more: 1 }))).toMatchObject(at);
  });

  test('that is longer than 8192 bytes is refused', async () => {
    const long = bytesOf({ ...entry(300), more: 'x'.repeat(9000) });

    expect(await withEntry(long)).toMatchObject({ ...at, message: expect.stringMatching(/8192/) });
  });

  test.each(['spiffe://test.internal/policy', 'spiffe://test.internal/agent/agent'])(
    'of a kind that %s may not report is refused',
    async (reporter) => {
      const bytes = bytesOf(entry(300, { reporter: SpiffeId.parse(reporter) }));

      expect(await withEntry(bytes)).toMatchObject({
        ...at,
        message: expect.stringContaining('may not report turn'),
      });
    },
  );

  test('with a key that an earlier entry used up is refused', async () => {
    expect(await withEntry(bytesOf(entry(300, { once: ['key-17'] })))).toMatchObject({
      ...at,
      message: expect.stringContaining('entry 17'),
    });
  });

  test('with a time before the last entry is refused', async () => {
    const bytes = bytesOf({ ...entry(300), time: entry(298).time });

    expect(await withEntry(bytes)).toMatchObject({
      ...at,
      message: expect.stringContaining('time'),
    });
  });
});

test('the bundle that a log is made of holds its entries', () => {
  expect(decodeBundle(new MemoryLog(leaves).read('tile/entries/002.p/18')!)).toHaveLength(18);
});

/** The same log with its entries 300 and 310 in each other's place, signed as it is. */
function swapped(): MemoryLog {
  const changed = [...leaves];
  [changed[300], changed[310]] = [leaves[310]!, leaves[300]!];
  return new MemoryLog(changed);
}

/** What is wrong with the log when these bytes are its entry 300, signed as they are. */
function withEntry(bytes: Uint8Array): Promise<LogFault> {
  return faultOf(new MemoryLog([...leaves.slice(0, 300), bytes, ...leaves.slice(301)]));
}

function bytesPlus(bytes: Uint8Array, more: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + more);
  longer.set(bytes);
  return longer;
}
