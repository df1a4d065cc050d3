import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReceiverSettings } from '@physiclaw/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { checkReceiver, Choice } from '#services/siem/choice/choice.ts';
import { TestLog, TRUST_DOMAIN } from '../../tools/log.ts';
import { turn } from '../entries.ts';
import { authority } from '../receiver/double.ts';
import { choose, receiverAt } from './choose.ts';

const refused = { code: 'SIEM_RECEIPT_REFUSED' };

function open(log: TestLog, kept = '') {
  const folder = mkdtempSync(join(tmpdir(), 'choice-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'receiver');
  if (kept !== '') writeFileSync(path, kept);
  const again = (vkey = log.vkey) => new Choice({ path, vkey, trustDomain: TRUST_DOMAIN });
  return { path, again };
}

test('the latest choice holds, also after a restart', async () => {
  const log = new TestLog();
  const { again } = open(log);
  const choice = again();
  expect(choice.receiver).toBeUndefined();
  await choice.take(choose(log, receiverAt('relp://192.0.2.9:2514')));
  await choice.take(choose(log, receiverAt('tls://192.0.2.10:6514')));

  expect(choice.receiver?.destination).toBe('tls://192.0.2.10:6514');
  expect(again().receiver).toEqual(choice.receiver);
  await choice.take(choose(log, undefined));
  expect(choice.receiver).toBeUndefined();
  expect(again().receiver).toBeUndefined();
});

test('an older choice does not come back by its receipt', async () => {
  const log = new TestLog();
  const choice = open(log).again();
  const first = choose(log, receiverAt('relp://192.0.2.9:2514'));
  await choice.take(first);
  await choice.take(choose(log, receiverAt('tls://192.0.2.10:6514')));

  await expect(choice.take(first)).rejects.toMatchObject(refused);
  expect(choice.receiver?.destination).toBe('tls://192.0.2.10:6514');
});

test('a receipt of something else is refused: of another entry, reporter, log', async () => {
  const [log, other] = [new TestLog(), new TestLog()];
  const choice = open(log).again();
  const receiver = receiverAt('relp://192.0.2.9:2514');

  await expect(choice.take(log.append('agent', turn(1)))).rejects.toMatchObject(refused);
  await expect(choice.take(choose(log, receiver, 'gateway'))).rejects.toMatchObject(refused);
  await expect(choice.take(choose(other, receiver))).rejects.toMatchObject(refused);
  const good = choose(log, receiver);
  const entry = good.entry.replace('192.0.2.9', '192.0.2.8');
  await expect(choice.take({ ...good, entry })).rejects.toMatchObject(refused);
  expect(choice.receiver).toBeUndefined();
  await choice.take(good);
  expect(choice.receiver).toEqual(receiver);
});

test('what was kept is proven anew when it is read, and says what to do where it is not', async () => {
  const log = new TestLog();
  const { path, again } = open(log);
  await again().take(choose(log, receiverAt('relp://192.0.2.9:2514')));
  const kept = readFileSync(path, 'utf8');
  writeFileSync(path, kept.replace('192.0.2.9', '192.0.2.8'));

  const choice = again();
  expect(choice.receiver).toBeUndefined();
  expect(choice.fault).toMatchObject({
    ...refused,
    message: expect.stringContaining(`expected in ${path}`),
  });
  expect(open(log, '{}').again().fault).toMatchObject(refused);
  await choice.take(choose(log, receiverAt('tls://192.0.2.10:6514')));
  expect(choice.fault).toBeUndefined();
  expect(again().receiver?.destination).toBe('tls://192.0.2.10:6514');
});

test('certificates that cannot be read are refused before they are kept', async () => {
  const log = new TestLog();
  const { again } = open(log);
  const choice = again();
  const invalid = { code: 'SIEM_RECEIVER_INVALID' };
  const none = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  for (const ca of [none, authority.ca + none]) {
    const receiver: ReceiverSettings = { destination: 'relp://192.0.2.9:2514', ca };
    expect(() => checkReceiver(receiver)).toThrow(expect.objectContaining(invalid));
    await expect(choice.take(choose(log, receiver))).rejects.toMatchObject(invalid);
  }

  expect(again().receiver).toBeUndefined();
  expect(() => checkReceiver(receiverAt('relp://192.0.2.9:2514'))).not.toThrow();
});
