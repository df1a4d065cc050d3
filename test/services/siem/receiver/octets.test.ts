import { expect, test } from 'vitest';
import { Octets } from '#services/siem/receiver/octets.ts';
import { connectTo, listen, messagesOf, watchProgress } from './double.ts';

async function octetsTo(received: Buffer[]) {
  const port = await listen((socket) => socket.on('data', (bytes) => received.push(bytes)));
  const { told, progress } = watchProgress();
  return { octets: new Octets(await connectTo(port), progress), told };
}

test('each message stands behind its length in octets', async () => {
  const received: Buffer[] = [];
  const { octets } = await octetsTo(received);
  await octets.send([
    { bytes: Buffer.from('<1>1 é\n'), sent: 1 },
    { bytes: Buffer.from('<1>1 b'), sent: 2 },
  ]);
  await octets.finish();

  expect(Buffer.concat(received).toString()).toBe('8 <1>1 é\n6 <1>1 b');
});

test('the last 1,000 are sent again after a break, however many went before', async () => {
  const { octets, told } = await octetsTo([]);
  await octets.send(messagesOf(1700));

  expect(told).toEqual({ safe: 700, acknowledged: 0 });
});

test('a connection carries no more than are sent again, a page and a heartbeat counted', async () => {
  const { octets } = await octetsTo([]);
  await octets.send(messagesOf(743));
  const before = octets.isSpent;
  await octets.send(messagesOf(1));

  expect([before, octets.isSpent]).toEqual([false, true]);
});

test('what the receiver read to its end is acknowledged', async () => {
  const { octets, told } = await octetsTo([]);
  await octets.send(messagesOf(300));
  await octets.finish();

  expect(told.acknowledged).toBe(300);
});

test('a receiver that broke off has acknowledged nothing', async () => {
  const port = await listen((socket) => void setTimeout(() => socket.pause().destroy(), 50));
  const { told, progress } = watchProgress();
  const octets = new Octets(await connectTo(port), progress);
  const ended = octets
    .send([{ bytes: Buffer.alloc(16_777_216), sent: 1 }])
    .then(() => octets.finish());

  await expect(ended).rejects.toMatchObject({ code: 'SIEM_RECEIVER_UNREACHABLE' });
  expect(told.acknowledged).toBe(0);
});
