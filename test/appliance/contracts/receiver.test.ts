import { Destination, ReceiverSettings } from '@physiclaw/contracts';
import { expect, test } from 'vitest';

const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const messageOf = (destination: string, pem = ca) =>
  ReceiverSettings.safeParse({ destination, ca: pem }).error?.issues[0]?.message;

test.each(['relp://siem.internal:2514', 'tls://192.0.2.9:1', 'tls://[2001:db8::1]:65535'])(
  '%s can be a receiver',
  (destination) => {
    expect(Destination.safeParse(destination).success).toBe(true);
    expect(messageOf(destination, `${ca}\n${ca}`)).toBeUndefined();
  },
);

test.each([
  'tls://192.0.2.9:65536',
  'tls://192.0.2.9:0',
  'tls://[::::]:6514',
  'tls://user@192.0.2.9:6514',
  'tls://192.0.2.9:6514/path',
  'tls://192.0.2.9',
  'tcp://192.0.2.9:514',
  'udp://192.0.2.9:514',
])('%s cannot', (destination) => {
  expect(messageOf(destination)).toContain('expected relp://HOST:PORT or tls://HOST:PORT');
});

test.each([
  ['a private key', `${ca}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`],
  [
    'a private key before it',
    `-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${ca}`,
  ],
  ['a comment', `issued by us\n${ca}`],
  ['half a certificate', `${ca}-----BEGIN CERTIFICATE-----\nAAAA\n`],
  ['nothing', ''],
])('beside certificates %s is not signed', (_, pem) => {
  expect(messageOf('tls://192.0.2.9:6514', pem)).toContain('whole, and nothing beside them');
});

test('what would not fit into an entry of the log is not signed', () => {
  expect(messageOf('tls://192.0.2.9:6514', ca.repeat(80))).toContain('at most 4,096 characters');
});
