import { expect, test } from 'vitest';
import { addressOf } from '#services/siem/receiver/address.ts';

test.each([
  ['relp://siem.internal:2514', { protocol: 'relp', host: 'siem.internal', port: 2514 }],
  ['tls://192.0.2.9:6514', { protocol: 'tls', host: '192.0.2.9', port: 6514 }],
  ['tls://[2001:db8::1]:6514', { protocol: 'tls', host: '2001:db8::1', port: 6514 }],
] as const)('%s', (destination, address) => {
  expect(addressOf(destination)).toEqual(address);
});
