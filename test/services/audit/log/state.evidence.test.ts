import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeBase64,
  decodeBundle,
  encodeBundle,
  hashLeaf,
  LogTree,
  openCheckpoint,
  openReceipt,
  verifyConsistency,
  verifyLog,
} from '@physiclaw/proof';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Evidence } from '#services/audit/log/state.ts';
import type { Log } from '#services/audit/log/log.ts';
import { agent, fill, filesBelow, makeHome, openLedger, turn, vkey } from '../ledger.ts';

const SIZE = 530;
let ledger: Log;
let evidence: Evidence;
let folder: string;
beforeEach(async () => {
  const home = makeHome();
  ({ folder } = home);
  ({ ledger } = await openLedger(home));
  await fill(ledger, SIZE);
  evidence = ledger.current;
});

const withCode = (code: string) => expect.objectContaining({ code });

describe('a receipt', () => {
  test('of every entry opens under the latest checkpoint', () => {
    for (const index of [0, 1, 255, 256, 511, 512, SIZE - 1]) {
      const opened = openReceipt(evidence.receipt(index), vkey);

      expect(opened).toMatchObject({ index, size: SIZE });
      expect(opened.entry.unmapped.event).toEqual(turn(index));
    }
  });

  test('of an entry that is not there yet is refused', () => {
    expect(() => evidence.receipt(SIZE)).toThrow(withCode('AUDIT_INDEX_BEYOND_LOG'));
    expect(() => evidence.receipt(SIZE + 1)).toThrow(withCode('AUDIT_INDEX_BEYOND_LOG'));
  });

  test('of an entry that was changed on the disk does not open', () => {
    const path = join(folder, 'tile/entries/000');
    const bytes = readFileSync(path);
    bytes.write('1', bytes.indexOf('"s-0') + 3);
    writeFileSync(path, bytes);

    const receipt = evidence.receipt(0);
    expect(() => openReceipt(receipt, vkey)).toThrow(withCode('PROOF_INCLUSION_INVALID'));
  });
});

describe('consistency', () => {
  test('is shown between any two sizes', () => {
    const rootAt = (size: number) => {
      const tree = new LogTree();
      for (const text of evidence.entries(0, size)) tree.add(hashLeaf(Buffer.from(text)));
      return tree.root;
    };

    for (const [from, to] of [
      [1, 2],
      [255, 257],
      [256, 512],
      [300, SIZE],
      [SIZE, SIZE],
    ] as const) {
      const proof = evidence.consistency(from, to).map((hash) => decodeBase64(hash));
      expect(() =>
        verifyConsistency({ from, to, fromRoot: rootAt(from), toRoot: rootAt(to), proof }),
      ).not.toThrow();
    }
    expect(openCheckpoint(evidence.checkpoint, vkey).root).toEqual(rootAt(SIZE));
  });

  test('with the empty log needs no proof', () => {
    expect(evidence.consistency(0, SIZE)).toEqual([]);
  });

  test.each([
    [2, 1],
    [1, SIZE + 1],
    [SIZE + 1, SIZE + 1],
  ])('from %i to %i is refused', (from, to) => {
    expect(() => evidence.consistency(from, to)).toThrow(withCode('AUDIT_INDEX_BEYOND_LOG'));
  });
});

describe('entries', () => {
  test('are given from any index on, across bundles', () => {
    const all = evidence.entries(0, SIZE);

    expect(all).toHaveLength(SIZE);
    expect(evidence.entries(250, 20)).toEqual(all.slice(250, 270));
    expect(evidence.entries(500, 256)).toEqual(all.slice(500));
    expect(evidence.entries(SIZE, 1)).toEqual([]);
  });

  test('from behind the next index on are refused', () => {
    expect(() => evidence.entries(SIZE + 1, 1)).toThrow(withCode('AUDIT_INDEX_BEYOND_LOG'));
  });
});

describe('files', () => {
  test('are named as they lie on the disk', () => {
    expect(evidence.files().toSorted()).toEqual(filesBelow(folder));
  });

  test('are given byte for byte', () => {
    for (const path of evidence.files()) {
      expect(Buffer.from(evidence.file(path))).toEqual(readFileSync(join(folder, path)));
    }
  });

  test('make a sound copy, also when the log grows while they are copied', async () => {
    const names = evidence.files();
    await fill(ledger, 300);

    const copy = new Map(names.map((path) => [path, ledger.current.file(path)]));
    copy.set('checkpoint', new TextEncoder().encode(evidence.checkpoint));

    const source = { list: () => copy.keys(), read: (path: string) => copy.get(path) };
    expect(await verifyLog(source, { vkey })).toMatchObject({ size: SIZE });
  });

  test.each([
    '../previous-checkpoint',
    'tile/../checkpoint',
    '/etc/passwd',
    'tile/0/003',
    'tile/0/002.p/19',
    'tile/1/000',
    'tile/2/000.p/1',
    'tile/entries/002',
    'tile',
    '',
  ])('a path that names none (%j) is refused', (path) => {
    expect(() => evidence.file(path)).toThrow(withCode('AUDIT_FILE_UNKNOWN'));
  });
});

describe('a log that was damaged while it is served', () => {
  test('says so when a file is gone', async () => {
    rmSync(join(folder, 'tile/entries/000'));
    rmSync(join(folder, 'tile/0/000'));

    expect(() => evidence.receipt(0)).toThrow(
      'tile/entries/000 is not as it was written: stop, and see what physiclaw audit verify says',
    );
    expect(() => evidence.file('tile/0/000')).toThrow(withCode('AUDIT_LOG_BROKEN'));
    await expect(ledger.append({ event: turn(), once: [] }, agent)).resolves.toBeDefined();
  });

  test('says so when a bundle or a tile is too short', () => {
    truncateSync(join(folder, 'tile/entries/000'), 7);
    truncateSync(join(folder, 'tile/entries/001'), 0);
    truncateSync(join(folder, 'tile/0/000'), 32);

    expect(() => evidence.entries(0, 1)).toThrow(withCode('AUDIT_LOG_BROKEN'));
    expect(() => evidence.entries(256, 1)).toThrow(withCode('AUDIT_LOG_BROKEN'));
    expect(() => evidence.consistency(3, 5)).toThrow(withCode('AUDIT_LOG_BROKEN'));
  });

  test('says so when a bundle ends with an earlier entry', () => {
    const path = join(folder, 'tile/entries/000');
    writeFileSync(path, encodeBundle(decodeBundle(readFileSync(path)).slice(0, 255)));

    expect(() => evidence.entries(0, 1)).toThrow(withCode('AUDIT_LOG_BROKEN'));
    expect(() => evidence.entries(250, 20)).toThrow(withCode('AUDIT_LOG_BROKEN'));
  });
});
