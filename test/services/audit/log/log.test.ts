import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogEntry } from '@physiclaw/contracts';
import { openCheckpoint, openReceipt } from '@physiclaw/proof';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Log } from '#services/audit/log/log.ts';
import {
  agent,
  fill,
  filesBelow,
  fillDisk,
  kill,
  makeHome,
  MEBIBYTE,
  openLedger,
  policy,
  turn,
  vkey,
  tools,
} from '../ledger.ts';

const told = { event: turn(), once: [] };
const urgent = { event: kill(), once: [] };

describe('append', () => {
  test('answers with a receipt under a checkpoint that is on the disk', async () => {
    const home = makeHome();
    const { ledger } = await openLedger(home);

    const receipt = await ledger.append({ event: turn(3), once: ['a'] }, agent);

    const { entry, index, size } = openReceipt(receipt, vkey);
    expect({ index, size }).toEqual({ index: 0, size: 1 });
    expect(entry.unmapped).toMatchObject({ reporter: agent, once: ['a'], event: turn(3) });
    expect((await openLedger(home)).ledger.current.checkpoint).toBe(receipt.checkpoint);
  });

  test('signs one checkpoint for all that arrived while the one before was written', async () => {
    const { ledger } = await openLedger(makeHome());
    const first = ledger.append(told, agent);
    await new Promise(setImmediate);

    const rest = await Promise.all(Array.from({ length: 50 }, () => ledger.append(told, agent)));

    expect((await first).index).toBe(0);
    expect(rest.map(({ index }) => index)).toEqual(rest.map((_, at) => at + 1));
    expect(new Set(rest.map(({ checkpoint }) => checkpoint)).size).toBe(1);
  });

  test('gives every entry of a large batch a proof that holds', async () => {
    const { ledger } = await openLedger(makeHome());

    const receipts = await Promise.all(
      Array.from({ length: 600 }, (_, n) => ledger.append({ event: turn(n), once: [] }, agent)),
    );

    for (const [index, receipt] of receipts.entries()) {
      expect(openReceipt(receipt, vkey).index).toBe(index);
    }
  });

  test('leaves exactly the files of the log, without what was superseded', async () => {
    const home = makeHome();
    const { ledger } = await openLedger(home);

    for (let n = 0; n < 5; n++) await fill(ledger, 101);
    await ledger[Symbol.asyncDispose]();

    expect(filesBelow(home.folder)).toEqual(ledger.current.files().toSorted());
  });

  test('refuses a kind that the caller may not report, and records nothing', async () => {
    const { ledger } = await openLedger(makeHome());

    await expect(ledger.append(told, policy)).rejects.toMatchObject({ code: 'AUDIT_KIND_REFUSED' });
    expect(ledger.current.size).toBe(0);
  });
});

describe('time', () => {
  test('comes from the own clock and never goes back, over a restart either', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 5_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const home = makeHome();
    const { ledger } = await openLedger(home);
    await ledger.append(told, agent);
    vi.setSystemTime(4_000_000);
    await ledger.append(told, agent);
    const { ledger: again } = await openLedger(home);
    await again.append(told, agent);
    vi.setSystemTime(6_000_000);
    await again.append(told, agent);

    expect(timesOf(again)).toEqual([5_000_000, 5_000_000, 5_000_000, 6_000_000]);
  });
});

describe('a once key', () => {
  const used = { code: 'AUDIT_ALREADY_USED', message: expect.stringContaining('"b"') };

  test('is accepted once for ever, over a restart too', async () => {
    const home = makeHome();
    const { ledger } = await openLedger(home);
    await ledger.append({ ...told, once: ['a', 'b'] }, agent);

    await expect(ledger.append({ ...told, once: ['b'] }, agent)).rejects.toMatchObject(used);
    const { ledger: again } = await openLedger(home);
    await expect(again.append({ ...told, once: ['b'] }, agent)).rejects.toMatchObject(used);
  });

  test('belongs to who reports it: another service neither uses it up nor finds it used', async () => {
    const home = makeHome();
    const { ledger } = await openLedger(home);
    await ledger.append({ ...told, once: ['end:x'] }, agent);
    const refusal = { event: { kind: 'refusal', check: 'TOOLS_EXPIRED', count: 1 } } as const;

    await ledger.append({ ...refusal, once: ['end:x'] }, tools);
    const { ledger: again } = await openLedger(home);
    await expect(again.append({ ...refusal, once: ['end:x'] }, tools)).rejects.toMatchObject({
      code: 'AUDIT_ALREADY_USED',
    });
  });

  test('is refused to the second of two that arrive at once', async () => {
    const { ledger } = await openLedger(makeHome());

    const both = await Promise.allSettled([
      ledger.append({ ...told, once: ['b'] }, agent),
      ledger.append({ ...told, once: ['b'] }, agent),
    ]);

    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: used });
    expect(ledger.current.size).toBe(1);
  });

  test('that was used takes the others with it: all or none', async () => {
    const { ledger } = await openLedger(makeHome());
    await ledger.append({ ...told, once: ['b'] }, agent);

    await expect(ledger.append({ ...told, once: ['new', 'b'] }, agent)).rejects.toMatchObject(used);
    await expect(ledger.append({ ...told, once: ['new'] }, agent)).resolves.toBeDefined();
  });

  test('that an entry names twice is refused', async () => {
    const { ledger } = await openLedger(makeHome());

    await expect(ledger.append({ ...told, once: ['b', 'b'] }, agent)).rejects.toMatchObject(used);
  });
});

describe('on a full disk', () => {
  const full = { code: 'AUDIT_DISK_FULL', message: expect.stringContaining('nothing may act') };

  test('an ordinary entry is refused, and recorded when there is room again', async () => {
    const home = makeHome(16 * MEBIBYTE);
    const { ledger } = await openLedger(home);
    await fill(ledger, 3);
    fillDisk(home.home);

    const message = expect.stringContaining(`make room on the disk that holds ${home.state}`);
    const refused = { ...full, message };
    await expect(ledger.append({ ...told, once: ['a'] }, agent)).rejects.toMatchObject(refused);
    rmSync(join(home.home, 'ballast'));
    expect(await ledger.append({ ...told, once: ['a'] }, agent)).toMatchObject({ index: 3 });
    expect((await openLedger(home)).ledger.current.size).toBe(4);
  });

  test('what is urgent is recorded out of the reserve, which grows again afterwards', async () => {
    const home = makeHome(16 * MEBIBYTE);
    const { ledger, reserve, lines } = await openLedger(home);
    fillDisk(home.home);

    const receipt = await ledger.append(urgent, policy);
    expect(openReceipt(receipt, vkey).entry.unmapped.event).toEqual(kill());
    expect(reserve.bytes).toBeLessThan(MEBIBYTE);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: expect.stringContaining('reserve') }),
    );
    await expect(ledger.append(told, agent)).rejects.toMatchObject(full);

    rmSync(join(home.home, 'ballast'));
    await ledger.append(told, agent);
    expect(reserve.bytes).toBe(MEBIBYTE);
    expect(timesOf(ledger)).toHaveLength(2);
  });

  test('of a batch the urgent entries are recorded, in order, and the others refused', async () => {
    const home = makeHome(16 * MEBIBYTE);
    const { ledger } = await openLedger(home);
    fillDisk(home.home);

    const batch = await Promise.allSettled([
      ledger.append({ event: kill(1), once: [] }, policy),
      ledger.append({ ...told, once: ['a'] }, agent),
      ledger.append({ event: kill(2), once: [] }, policy),
    ]);

    expect(batch).toMatchObject([
      { status: 'fulfilled', value: { index: 0 } },
      { status: 'rejected', reason: full },
      { status: 'fulfilled', value: { index: 1 } },
    ]);
  });

  test('that fills up in the middle of a batch, nothing of it is left and the rest goes on', async () => {
    const home = makeHome(16 * MEBIBYTE);
    const { ledger, reserve } = await openLedger(home, 2 * MEBIBYTE);
    await fill(ledger, 200);
    // There seems to be room until it is written to.
    vi.spyOn(reserve, 'regrow').mockResolvedValue(true);
    fillDisk(home.home);

    await expect(ledger.append({ ...told, once: ['a'] }, agent)).rejects.toMatchObject(full);
    const { index } = await ledger.append(urgent, policy);

    expect(index).toBe(200);
    const { ledger: again } = await openLedger(home, 2 * MEBIBYTE);
    expect(again.current.size).toBe(201);
    expect(filesBelow(home.folder)).toEqual(again.current.files().toSorted());
  });

  test('without a reserve left, what is urgent is refused too and the log stays whole', async () => {
    const home = makeHome(16 * MEBIBYTE);
    const { ledger, reserve } = await openLedger(home);
    await fill(ledger, 3);
    while (await reserve.release(MEBIBYTE)) fillDisk(home.home);

    await expect(ledger.append(urgent, policy)).rejects.toMatchObject(full);
    expect((await openLedger(home)).ledger.current.size).toBe(3);
  });
});

describe('when it cannot be made durable', () => {
  test('everybody who waits hears that it broke, and nothing is accepted any more', async () => {
    const home = makeHome();
    const { ledger, broken } = await openLedger(home);
    await fill(ledger, 2);
    symlinkSync('/dev/null', join(home.state, 'next-checkpoint'));

    const first = ledger.append(told, agent);
    await new Promise(setImmediate);
    const waiting = await Promise.allSettled([first, ledger.append(told, agent)]);

    const reason = {
      code: 'AUDIT_LOG_BROKEN',
      message:
        'the log cannot be written (EINVAL), and nothing may act: look at the disk; physiclaw audit verify',
      cause: expect.objectContaining({ syscall: 'fsync' }),
    };
    expect(waiting).toMatchObject([{ reason }, { reason }]);
    await expect(ledger.append(told, agent)).rejects.toMatchObject({ code: 'AUDIT_LOG_BROKEN' });
    expect(broken).toMatchObject([{ code: 'AUDIT_LOG_BROKEN' }]);
    rmSync(join(home.state, 'next-checkpoint'));
    expect((await openLedger(home)).ledger.current.size).toBe(2);
  });

  test('a folder in the way of a tile is no full disk', async () => {
    const home = makeHome();
    const { ledger, broken } = await openLedger(home);
    writeFileSync(join(home.folder, 'tile'), '');

    await expect(ledger.append(told, agent)).rejects.toMatchObject({ code: 'AUDIT_LOG_BROKEN' });
    expect(broken).toHaveLength(1);
  });
});

test('the checkpoint of the log is the one of its size', async () => {
  const { ledger } = await openLedger(makeHome());
  await fill(ledger, 300);

  expect(openCheckpoint(ledger.current.checkpoint, vkey)).toMatchObject({ size: 300 });
});

function timesOf({ current }: Log): number[] {
  return current.entries(0, 256).map((text) => LogEntry.parse(JSON.parse(text)).time);
}
