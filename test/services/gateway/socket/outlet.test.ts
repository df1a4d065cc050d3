import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Outlet } from '#services/gateway/socket/outlet.ts';

/** A reader who takes in what was sent when the test says so. */
function readerOf({ replyMs = 10_000 } = {}) {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const sent: string[] = [];
  const unread: { bytes: number; taken: (() => void) | undefined }[] = [];
  const seen = { isCut: false, slow: 0 };
  const wire = {
    get bufferedAmount() {
      return unread.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    send(text: string, taken?: () => void) {
      sent.push(text);
      unread.push({ bytes: text.length, taken });
    },
    close: () => undefined,
    terminate: () => (seen.isCut = true),
  };
  const onSlow = () => {
    seen.slow += 1;
    gone.abort();
  };
  const limits = { maxBufferedBytes: 10, maxReplyBytes: 100, replyMs };
  const outlet = new Outlet(wire, { ...limits, signal: gone.signal, onSlow });
  const read = async () => {
    for (const { taken } of unread.splice(0)) taken?.();
    await sleep(0);
  };
  return { outlet, sent, seen, read, gone };
}

const large = 'x'.repeat(100);

test('a reply larger than all that may lie unread reaches who reads, events beside it', async () => {
  const { outlet, sent, seen, read } = readerOf();
  const replied = outlet.reply(large);
  await sleep(0);
  outlet.tell('event');
  await read();
  await replied;

  expect(sent).toEqual([large, 'event']);
  expect(seen.isCut).toBe(false);
});

test('of several replies at once each waits until the one before was taken in', async () => {
  const { outlet, sent, seen, read } = readerOf();
  const replied = Promise.all([outlet.reply(large), outlet.reply(large), outlet.reply('last')]);
  await sleep(0);
  expect(sent).toHaveLength(1);
  for (let n = 0; n < 3; n += 1) await read();
  await replied;

  expect(sent).toEqual([large, large, 'last']);
  expect(seen.isCut).toBe(false);
});

test('events that nobody reads cut a reader off, before and while he is sent a reply', async () => {
  for (const replies of [[], [large]]) {
    const { outlet, seen } = readerOf();
    for (const reply of replies) void outlet.reply(reply);
    await sleep(0);
    outlet.tell('0123456789');
    expect(seen.isCut).toBe(false);
    outlet.tell('!');
    outlet.tell('?');

    expect(seen).toEqual({ isCut: true, slow: 1 });
  }
});

test('a reply that nobody takes in ends the connection, and with it those that wait', async () => {
  const { outlet, sent, seen } = readerOf({ replyMs: 10 });
  await Promise.all([outlet.reply('one'), outlet.reply('two')]);

  expect(sent).toEqual(['one']);
  expect(seen).toEqual({ isCut: true, slow: 1 });
});

test('a reply that is too large is refused, in bytes', async () => {
  const { outlet, sent } = readerOf();
  await expect(outlet.reply('é'.repeat(51))).rejects.toMatchObject({
    code: 'GATEWAY_REPLY_TOO_LARGE',
    message: expect.stringContaining('at most 100 bytes, found 102'),
  });

  expect(sent).toEqual([]);
});

test('after the end nothing is sent', async () => {
  const { outlet, sent, gone } = readerOf();
  gone.abort();
  outlet.tell('event');
  await outlet.reply('reply');

  expect(sent).toEqual([]);
});
