import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBundle, encodeBundle, logFiles } from '@physiclaw/proof';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyFlip, drawFlip, seedOfRun } from './flip.ts';
import { checkpointAt, type RealLog, writeLog } from './real-log.ts';
import { verifiers } from './verdict.ts';

const SIZE = 3001;
const OLDER = 2100;
const FLIPS = Number(process.env['LOG_FLIPS'] ?? 1000);
const MINUTES = Number(process.env['SUITE_MINUTES'] ?? 10);
const seed = seedOfRun();
const files = ['checkpoint', ...[...logFiles(SIZE)].map(({ path }) => path)];
const counts = new Map<string, number>();

let log: RealLog;
let folder: string;
let newest: string;
beforeAll(async () => {
  log = await writeLog(SIZE, [OLDER]);
  folder = join(log.root, 'copy');
  newest = join(log.root, 'newest-checkpoint');
  writeFileSync(newest, checkpointAt(log, SIZE));
});
afterAll(() => {
  log[Symbol.dispose]();
  const said = [...counts].map(([what, number]) => `${what}: ${number}`).join('; ');
  process.stdout.write(`audit verify on ${SIZE} entries, seed ${seed}: ${said}\n`);
});
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(log.folder, folder, { recursive: true });
});

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function rewriteBundle(index: string, change: (entries: Uint8Array[]) => void): void {
  const path = join(folder, 'tile/entries', index);
  const entries = decodeBundle(readFileSync(path));
  change(entries);
  writeFileSync(path, encodeBundle(entries));
}

describe.each(verifiers)('$name', (verifier) => {
  const verdict = (since?: string) => verifier.verify(folder, log.vkey, since);

  test('finds an untouched log sound, also against its own checkpoint and an older one', async () => {
    const older = join(log.root, 'older-checkpoint');
    writeFileSync(older, checkpointAt(log, OLDER));

    for (const since of [undefined, newest, older]) {
      expect(await verdict(since)).toMatchObject({ exit: 4 });
      count('sound logs passed');
    }
  });

  test(
    'finds every flipped bit, and names the file and the entry',
    async () => {
      const until = Date.now() + MINUTES * 54_000;
      for (let n = 0; n < verifier.flips(FLIPS) && Date.now() < until; n++) {
        const flip = drawFlip(seed, n, folder, files);
        applyFlip(folder, flip);
        const found = await verdict();
        expect({ n, ...found }, `seed ${seed}`).toEqual({
          n,
          exit: 1,
          file: flip.path,
          index: flip.index,
        });
        applyFlip(folder, flip);
        count('bit flips found');
      }
      expect(await verdict()).toMatchObject({ exit: 4 });
    },
    MINUTES * 60_000,
  );

  test.each(['tile/0/011.p/185', 'tile/entries/011.p/185', 'tile/1/000.p/11'])(
    'misses the last tile %s',
    async (file) => {
      rmSync(join(folder, file));

      const index = file.startsWith('tile/1') ? 0 : 11 * 256;
      expect(await verdict()).toEqual({ exit: 1, file, index });
      count('removed tiles found');
    },
  );

  test('misses every other file too', async () => {
    for (const file of files.filter(
      (_, at) => at % Math.ceil(files.length / verifier.flips(40)) === 0,
    )) {
      renameSync(join(folder, file), join(log.root, 'kept'));
      expect(await verdict()).toMatchObject({ exit: 1, file });
      renameSync(join(log.root, 'kept'), join(folder, file));
      count('removed files found');
    }
  });

  test('finds two swapped entries at the first of them', async () => {
    rewriteBundle('003', (entries) => {
      [entries[7], entries[200]] = [entries[200]!, entries[7]!];
    });

    expect(await verdict()).toEqual({ exit: 1, file: 'tile/entries/003', index: 3 * 256 + 7 });
    count('swapped entries found');
  });

  test('finds an entry that was taken out', async () => {
    rewriteBundle('003', (entries) => void entries.splice(100, 1));

    expect(await verdict()).toEqual({ exit: 1, file: 'tile/entries/003', index: 3 * 256 + 100 });
    count('removed entries found');
  });

  test('finds a log that was cut back to an older checkpoint, by the one held outside', async () => {
    rmSync(folder, { recursive: true });
    cpSync(log.past.get(OLDER)!, folder, { recursive: true });

    expect(await verdict()).toMatchObject({ exit: 4 });
    expect(await verdict(newest)).toEqual({ exit: 1, file: 'checkpoint', index: OLDER });
    count('cut logs found');
  });

  test('finds an older checkpoint in front of a longer log', async () => {
    writeFileSync(join(folder, 'checkpoint'), checkpointAt(log, OLDER));

    expect(await verdict()).toMatchObject({ exit: 1, file: expect.stringContaining('tile/') });
    count('cut logs found');
  });

  test('refuses base64 that is not canonical, in the root and in the signature', async () => {
    for (const line of [2, 4]) {
      const lines = checkpointAt(log, SIZE).split('\n');
      lines[line] = loosened(lines[line]!);
      writeFileSync(join(folder, 'checkpoint'), lines.join('\n'));
      expect(await verdict()).toEqual({ exit: 1, file: 'checkpoint', index: 0 });
      count('non-canonical base64 refused');
    }
  });

  test('refuses a file that belongs to no log', async () => {
    writeFileSync(join(folder, 'tile/0/012'), '');

    expect(await verdict()).toEqual({ exit: 1, file: 'tile/0/012', index: 12 * 256 });
    count('stray files found');
  });
});

/** The same bytes in another spelling: the unused bits of the last digit are set. */
function loosened(line: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const end = line.indexOf('=') - 1;
  const looser = digits[digits.indexOf(line[end]!) + 1]!;
  const other = `${line.slice(0, end)}${looser}${line.slice(end + 1)}`;
  const decoded = [line, other].map((text) => Buffer.from(text.split(' ').at(-1)!, 'base64'));
  expect(decoded[0]).toEqual(decoded[1]);
  return other;
}
