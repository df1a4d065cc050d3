import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLogger } from '@physiclaw/platform';
import { hashLeaf, logVerifier, signCheckpoint, signerFromSeed } from '@physiclaw/proof';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openLog } from '#services/audit/log/folder.ts';
import { entryBytes, type Log } from '#services/audit/log/log.ts';
import { grow, type Growth, type LogState } from '#services/audit/log/state.ts';
import {
  agent,
  filesBelow,
  fill,
  type Home,
  makeHome,
  openLedger,
  origin,
  signer,
  turn,
} from '../ledger.ts';

const SIZE = 300;
const pristine = mkdtempSync(join(tmpdir(), 'audit-pristine-'));
let home: Home;
let ledger: Log;
let state: LogState;
let older: string;
beforeEach(async () => {
  home = makeHome();
  if (existsSync(join(pristine, 'log'))) return reset();
  ({ ledger } = await openLedger(home));
  await fill(ledger, 200);
  older = ledger.current.checkpoint;
  await fill(ledger, SIZE - 200);
  await ledger[Symbol.asyncDispose]();
  cpSync(home.state, pristine, { recursive: true });
  state = await open();
});
afterAll(() => rmSync(pristine, { recursive: true }));

const silent = createLogger('audit', 'silent');
const open = (from = home, key = signer) => openLog({ ...from, signer: key, log: silent });
const inLog = (path: string) => join(home.folder, path);
const put = (path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(home.state, path)), { recursive: true });
  writeFileSync(join(home.state, path), content);
};

/** Undoes what a test did to the log. */
function reset(): void {
  rmSync(home.state, { recursive: true });
  cpSync(pristine, home.state, { recursive: true });
}

/** The batch of so many entries that would come next, and its checkpoint. */
function nextBatch(count: number): Growth & { checkpoint: string } {
  const entries = Array.from({ length: count }, (_, n) =>
    entryBytes({ event: turn(n), once: [] }, agent, Date.now() + n),
  );
  const growth = grow(state, entries);
  const { size, root } = growth.tree;
  return { ...growth, checkpoint: signCheckpoint({ origin, size, root }, signer) };
}

/** What the log starts with; only what belongs to it is left in its folder. */
async function start() {
  const { ledger: opened, lines } = await openLedger(home);
  const { size } = opened.current;
  const own = opened.current.files().toSorted();
  const beside = filesBelow(home.folder).filter((path) => !own.includes(path));
  const { index } = await opened.append({ event: turn(), once: [] }, agent);
  return {
    size,
    continues: index === size,
    told: lines.some(({ msg }) => msg === 'the last batch was cut off'),
    beside,
  };
}

const started = (size: number) => ({ size, continues: true, told: true, beside: [] });

/** Why a start is refused; it changed nothing. */
async function refusal(): Promise<unknown> {
  const before = filesBelow(home.state);
  try {
    await open();
  } catch (error) {
    if (String(filesBelow(home.state)) === String(before)) return error;
  }
  return 'the log was opened, or something was cleaned up';
}

const broken = (words: string) => ({
  code: 'AUDIT_LOG_BROKEN',
  message: expect.stringContaining(words),
});

describe('a start', () => {
  test('where no log ever was begins one with a signed checkpoint of size 0', async () => {
    const fresh = makeHome();

    const { tree, used, checkpoint } = await open(fresh);

    expect({ size: tree.size, used: used.size }).toEqual({ size: 0, used: 0 });
    expect(readFileSync(join(fresh.folder, 'checkpoint'), 'utf8')).toBe(checkpoint);
  });

  test('goes on where the log ended, with its keys, its time and its last bundle', async () => {
    const { ledger: again } = await openLedger(home);
    await again.append({ event: turn(), once: ['a', 'b'] }, agent);

    const { bundle, used, time, checkpoint } = await open();

    expect(checkpoint).toBe(again.current.checkpoint);
    expect(bundle.map(String)).toEqual(again.current.entries(256, 256).map(bytesAsText));
    expect([...used]).toEqual([`${agent} a`, `${agent} b`]);
    expect(Date.now() - time).toBeLessThan(60_000);
  });

  test('on a log that ends with a full bundle has an empty one in hand', async () => {
    const { ledger: again } = await openLedger(home);
    await fill(again, 512 - SIZE);

    expect((await open()).bundle).toEqual([]);
  });

  test('that broke off while the log began, begins it', async () => {
    const fresh = makeHome();
    mkdirSync(fresh.folder);
    writeFileSync(join(fresh.state, 'next-checkpoint'), 'to');

    expect((await open(fresh)).tree.size).toBe(0);
  });
});

describe('after a crash', () => {
  test('in the middle of a batch, what was written of it is gone', async () => {
    const { files } = nextBatch(256);
    for (const [at, [path, bytes]] of [...files].entries()) {
      put(join('log', path), at % 2 === 0 ? bytes : bytes.slice(0, 9));
      expect(await start()).toMatchObject(started(SIZE));
      reset();
    }
  });

  test('with a torn next checkpoint, the batch is gone', async () => {
    const { files, checkpoint } = nextBatch(5);
    for (const [path, bytes] of files) put(join('log', path), bytes);
    put('next-checkpoint', checkpoint.slice(0, -1));

    expect(await start()).toMatchObject(started(SIZE));
  });

  test('with a signed next checkpoint, the batch counts', async () => {
    const { files, checkpoint } = nextBatch(256);
    for (const [path, bytes] of files) put(join('log', path), bytes);
    put('next-checkpoint', checkpoint);

    expect(await start()).toMatchObject(started(SIZE + 256));
  });

  test('before what was superseded was removed, it is removed', async () => {
    put('log/tile/entries/000.p/200', 'whatever');
    put('log/tile/0/001.p/43', 'whatever');

    expect(await start()).toMatchObject(started(SIZE));
  });
});

describe('a log is not started on', () => {
  test('when a file of it is missing, and the file is named', async () => {
    for (const path of ledger.current.files()) {
      rmSync(inLog(path));
      expect(await refusal()).toMatchObject(broken(path));
      reset();
    }
  });

  test('when a byte of a file is changed, and the file is named', async () => {
    for (const path of ledger.current.files().slice(1)) {
      const bytes = readFileSync(inLog(path));
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      writeFileSync(inLog(path), bytes);
      expect(await refusal()).toMatchObject(broken(path));
      reset();
    }
  });

  test('when an older checkpoint lies in it, whose own files are gone', async () => {
    put('log/checkpoint', older);

    expect(await refusal()).toMatchObject(broken('is not there'));
  });

  test('when it was cut back to an older state as a whole, the service being elsewhere', async () => {
    const { ledger: again } = await openLedger(home);
    await again.append({ event: turn(), once: [] }, agent);
    await again.append({ event: turn(), once: [] }, agent);
    rmSync(home.folder, { recursive: true });
    cpSync(join(pristine, 'log'), home.folder, { recursive: true });

    expect(await refusal()).toMatchObject(broken('the log was cut'));
  });

  test('when its history is another one than before', async () => {
    const other = makeHome();
    const { ledger: fork } = await openLedger(other);
    await fill(fork, SIZE + 2);
    await fork.append({ event: turn(), once: [] }, agent);
    await fork[Symbol.asyncDispose]();
    rmSync(home.folder, { recursive: true });
    cpSync(other.folder, home.folder, { recursive: true });

    expect(await refusal()).toMatchObject({
      code: 'AUDIT_LOG_FORKED',
      message: expect.stringContaining('are not those of a checkpoint held outside'),
    });
  });

  test('when it is whole and its checkpoint names another tree', async () => {
    const root = hashLeaf(new Uint8Array());
    put('log/checkpoint', signCheckpoint({ origin, size: SIZE, root }, signer));

    expect(await refusal()).toMatchObject({
      code: 'AUDIT_LOG_FORKED',
      message: expect.stringContaining('the log is whole'),
    });
  });

  test('when it was taken away, with or without its folder', async () => {
    rmSync(home.folder, { recursive: true });
    expect(await refusal()).toMatchObject(broken('checkpoint'));

    rmSync(join(home.state, 'previous-checkpoint'));
    expect(await refusal()).toMatchObject(broken('checkpoint'));
  });

  test('when the next checkpoint is signed and what it signs is not there', async () => {
    put('next-checkpoint', nextBatch(5).checkpoint);

    expect(await refusal()).toMatchObject(broken('is not there'));
  });

  test('when the next checkpoint is older than the one in force', async () => {
    put('next-checkpoint', older);

    expect(await refusal()).toMatchObject(broken('the log was cut'));
  });

  test('when the checkpoint before the last is none', async () => {
    put('previous-checkpoint', 'nonsense');

    expect(await refusal()).toMatchObject(broken('since'));
  });

  test('when more lies behind the checkpoint than one batch leaves', async () => {
    put('log/tile/entries/002.p/45', 'whatever');

    expect(await refusal()).toMatchObject(broken('tile/entries/002.p/45'));
  });

  test('when a file lies in it that no log has', async () => {
    symlinkSync('/etc/hostname', inLog('tile/0/notes'));

    expect(await refusal()).toMatchObject(broken('tile/0/notes'));
  });
});

describe('a foreign key', () => {
  const other = signerFromSeed(new Uint8Array(32).fill(8));

  test('that was handed over is refused', async () => {
    await expect(open(home, other)).rejects.toMatchObject({ code: 'AUDIT_KEY_FOREIGN' });
  });

  test.each(['', 'nonsense', `a b+00000000+${'A'.repeat(44)}`])(
    'no key at all as anchor (%j) is refused',
    async (anchor) => {
      writeFileSync(join(home.anchors, 'log.vkey'), anchor);

      await expect(open()).rejects.toMatchObject({ code: 'AUDIT_KEY_FOREIGN' });
    },
  );

  test('is what a missing anchor counts as', async () => {
    rmSync(join(home.anchors, 'log.vkey'));

    await expect(open()).rejects.toMatchObject({ code: 'AUDIT_KEY_FOREIGN' });
  });

  test('that signed the checkpoint is refused, also when the anchor is its own', async () => {
    writeFileSync(join(home.anchors, 'log.vkey'), logVerifier(origin, other.publicKey));

    await expect(open(home, other)).rejects.toMatchObject({ code: 'AUDIT_KEY_FOREIGN' });
  });
});

test('a folder in the place of a file is a fault, and nothing that a log has', async () => {
  rmSync(inLog('tile/0/000'));
  mkdirSync(inLog('tile/0/000'));

  expect(await refusal()).toMatchObject(broken('tile/0/000'));
});

test('an error that says nothing about the log is told as it is', async () => {
  rmSync(join(home.state, 'previous-checkpoint'));
  mkdirSync(join(home.state, 'previous-checkpoint'));

  await expect(open()).rejects.toMatchObject({ code: 'EISDIR' });
});

function bytesAsText(text: string): string {
  return String(new TextEncoder().encode(text));
}
