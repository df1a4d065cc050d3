import { expect, test } from 'vitest';
import { admitHost } from '#services/gateway/door/host.ts';

const door = { port: 18_789, hosts: [], isSecure: false };

test.each(['localhost:18789', '127.0.0.1:18789', '[::1]:18789', 'LOCALHOST:18789'])(
  'the machine answers to %s',
  (host) => {
    expect(() => admitHost({ host }, door)).not.toThrow();
  },
);

test.each([
  undefined,
  'localhost',
  'localhost:80',
  'evil.example:18789',
  'localhost.evil.example:18789',
])('a request to the host %s is refused', (host) => {
  expect(() => admitHost(host === undefined ? {} : { host }, door)).toThrow(
    expect.objectContaining({ code: 'GATEWAY_HOST_REFUSED' }),
  );
});

test('a page of the machine itself may ask', () => {
  const headers = { host: 'localhost:18789', origin: 'http://localhost:18789' };

  expect(() => admitHost(headers, door)).not.toThrow();
});

test.each(['http://evil.example', 'null', 'http://127.0.0.1:18789', 'https://localhost:18789'])(
  'a page of %s is refused',
  (origin) => {
    expect(() => admitHost({ host: 'localhost:18789', origin }, door)).toThrow(
      expect.objectContaining({ code: 'GATEWAY_ORIGIN_REFUSED' }),
    );
  },
);

test('the names that it is given are its own too, and each has its own page', () => {
  const named = { port: 18_443, hosts: ['box.plant.internal', '192.0.2.7'], isSecure: true };
  const page = { host: '192.0.2.7:18443', origin: 'https://192.0.2.7:18443' };

  expect(() => admitHost({ host: 'box.plant.internal:18443' }, named)).not.toThrow();
  expect(() => admitHost(page, named)).not.toThrow();
  expect(() => admitHost({ host: '192.0.2.8:18443' }, named)).toThrow(
    expect.objectContaining({ code: 'GATEWAY_HOST_REFUSED' }),
  );
  expect(() => admitHost({ ...page, origin: 'http://192.0.2.7:18443' }, named)).toThrow(
    expect.objectContaining({ code: 'GATEWAY_ORIGIN_REFUSED' }),
  );
});
