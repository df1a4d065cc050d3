import { SpiffeId } from '@physiclaw/contracts';
import { fixedSvid, serviceOf, spiffeIdOf, SvidHolder } from '@physiclaw/platform';
import { expect, test } from 'vitest';

const svid = (cert: string) => ({ cert, key: 'k', ca: 'a' });

test('an SVID that is there is given at once, so that a call need not wait', () => {
  expect(fixedSvid(svid('1')).current()).toEqual(svid('1'));
});

test('whoever comes before the first SVID waits for it', async () => {
  const holder = new SvidHolder();
  const first = holder.current();
  holder.hold(svid('1'));
  holder.hold(svid('2'));

  expect(await first).toEqual(svid('1'));
  expect(holder.current()).toEqual(svid('2'));
});

test('a listener hears of each renewal until it is disposed', () => {
  const holder = new SvidHolder();
  const heard: string[] = [];
  const listening = holder.onChange(({ cert }) => heard.push(cert));
  holder.hold(svid('1'));
  listening[Symbol.dispose]();
  holder.hold(svid('2'));

  expect(heard).toEqual(['1']);
});

test('a wait that was given up ends with the reason', async () => {
  const holder = new SvidHolder();
  const first = holder.current();
  holder.abandon(new Error('the end'));

  await expect(first).rejects.toThrow('the end');
});

test('a service is named by its whole ID', () => {
  const id = SpiffeId.parse(spiffeIdOf('test.internal', 'audit'));

  expect(id).toBe('spiffe://test.internal/audit');
  expect(serviceOf(id)).toBe('audit');
  expect(serviceOf(SpiffeId.parse('spiffe://test.internal/person/audit'))).not.toBe('audit');
});
