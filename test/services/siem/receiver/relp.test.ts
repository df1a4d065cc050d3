import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { Relp } from '#services/siem/receiver/relp.ts';
import { encodeFrame, type Frame, FrameReader } from '#services/siem/receiver/relp-frame.ts';
import { connectTo, listen, messagesOf, watchProgress } from './double.ts';

/** A receiver of RELP that answers each frame as it is told to. */
async function relpTo(
  answer: (frame: Frame, say: (text: string, number?: number) => void) => void,
) {
  const frames: Frame[] = [];
  const port = await listen((socket: TLSSocket) => {
    const reader = new FrameReader();
    socket.on('data', (bytes) => {
      for (const frame of reader.read(bytes)) {
        frames.push(frame);
        answer(frame, (text, number = frame.number) =>
          socket.write(encodeFrame(number, 'rsp', Buffer.from(text))),
        );
      }
    });
    socket.on('close', () => undefined);
  });
  const { told, progress } = watchProgress();
  const connection = await connectTo(port);
  return { frames, told, connection, open: () => Relp.open(connection, progress) };
}

test('a session offers syslog, then numbers each message', async () => {
  const { frames, open } = await relpTo((_, say) => say('200 OK'));
  const relp = await open();
  await relp.send(messagesOf(2));
  await relp.finish();

  expect(frames.map(({ number, command }) => [number, command])).toEqual([
    [1, 'open'],
    [2, 'syslog'],
    [3, 'syslog'],
  ]);
  expect(frames[0]?.data.toString()).toContain('commands=syslog');
  expect(frames[1]?.data.toString()).toBe('message 0');
});

test('what was answered counts, up to the first that was not', async () => {
  const late: (() => void)[] = [];
  const { told, connection, open } = await relpTo(({ number }, say) => {
    if (number === 3) late.push(() => say('200 OK'));
    else say('200 OK');
  });
  const relp = await open();
  await relp.send(messagesOf(4));
  await connection.until(() => told.acknowledged === 1);
  await sleep(50);
  const before = { ...told };
  for (const say of late) say();
  await connection.until(() => told.acknowledged === 4);

  expect(before).toEqual({ safe: 1, acknowledged: 1 });
  expect(told).toEqual({ safe: 4, acknowledged: 4 });
});

test('no more than 128 messages wait for an answer', async () => {
  const { frames, open } = await relpTo(({ command }, say) => {
    if (command === 'open') say('200 OK');
  });
  const relp = await open();
  const sending = relp.send(messagesOf(200));
  await expect.poll(() => frames.length).toBe(129);
  await sleep(50);

  expect(frames).toHaveLength(129);
  relp[Symbol.dispose]();
  await expect(sending).rejects.toMatchObject({ code: 'SIEM_RECEIVER_UNREACHABLE' });
});

test.each([
  ['refuses the session', '500 no', 1],
  ['refuses a message', '500 disk full', 2],
  ['answers nonsense', 'fine', 2],
])('a receiver that %s is refused', async (_, text, at) => {
  const { told, open } = await relpTo(({ number }, say) => say(number === at ? text : '200 OK'));
  const exchange = async () => {
    const relp = await open();
    await relp.send(messagesOf(3));
    await relp.finish();
  };

  await expect(exchange()).rejects.toMatchObject({ code: 'SIEM_RECEIVER_REFUSED' });
  expect(told.safe).toBe(0);
});

test('an answer to nothing is refused', async () => {
  const { open } = await relpTo((_, say) => say('200 OK', 77));

  await expect(open()).rejects.toMatchObject({ code: 'SIEM_RECEIVER_REFUSED' });
});

test('a receiver that hangs up before it answers may want a certificate', async () => {
  const port = await listen((socket) => socket.end());
  const { progress } = watchProgress();

  await expect(Relp.open(await connectTo(port), progress)).rejects.toMatchObject({
    code: 'SIEM_RECEIVER_REFUSED',
    message: expect.stringContaining('siem.clientCertificate'),
  });
});

test('a receiver that says that it closes is no fault of RELP', async () => {
  const port = await listen((socket) => {
    socket.once('data', () => {
      socket.write(encodeFrame(1, 'rsp', Buffer.from('200 OK')));
      socket.write(encodeFrame(0, 'serverclose', Buffer.alloc(0)));
    });
  });
  const { progress } = watchProgress();
  const relp = await Relp.open(await connectTo(port), progress);

  await expect(relp.finish()).rejects.toMatchObject({ code: 'SIEM_RECEIVER_UNREACHABLE' });
});
