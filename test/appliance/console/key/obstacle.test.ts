import { describe, expect, test } from 'vitest';
import { deviceKeyObstacle, passkeyObstacle } from '#appliance/console/key/obstacle.ts';

const place = { hostname: 'localhost', isSecure: true, hasWebAuthn: true };

describe('a passkey', () => {
  test.each(['localhost', 'box.plant.internal'])('can be made at %s', (hostname) => {
    expect(passkeyObstacle({ ...place, hostname })).toBeUndefined();
  });

  test.each([
    [{ hostname: '127.0.0.1' }, 'by an address, 127.0.0.1'],
    [{ hostname: '[::1]' }, 'by an address, [::1]'],
    [{ isSecure: false }, 'over HTTPS'],
    [{ hasWebAuthn: false }, 'no WebAuthn'],
  ])('cannot be made at %j, and the page says why', (change, why) => {
    expect(passkeyObstacle({ ...place, ...change })).toContain(why);
  });
});

test('a device key can be made wherever the browser lends its cryptography', () => {
  expect(
    deviceKeyObstacle({ ...place, hostname: '192.0.2.7', hasWebAuthn: false }),
  ).toBeUndefined();
  expect(deviceKeyObstacle({ ...place, isSecure: false })).toContain('command line');
});
