import { expect, test } from 'vitest';
import { admitHost } from '#services/gateway/door/host.ts';

test.each(['localhost:18789', '127.0.0.1:18789', '[::1]:18789', 'LOCALHOST:18789'])(
  'the machine answers to %s',
  (host) => {
    expect(() => admitHost({ host }, 18_789)).not.toThrow();
  },
);

test.each([
  undefined,
  'localhost',
  'localhost:80',
  'evil.example:18789',
  'localhost.evil.example:18789',
])('a request to the host %s is refused', (host) => {
  expect(() => admitHost(host === undefined ? {} : { host }, 18_789)).toThrow(
    expect.objectContaining({ code: 'GATEWAY_HOST_REFUSED' }),
  );
});

test('a page of the machine itself may ask', () => {
  const headers = { host: 'localhost:18789', origin: 'http://localhost:18789' };

  expect(() => admitHost(headers, 18_789)).not.toThrow();
});

test.each(['http://evil.example', 'null', 'http://127.0.0.1:18789', 'https://localhost:18789'])(
  'a page of %s is refused',
  (origin) => {
    expect(() => admitHost({ host: 'localhost:18789', origin }, 18_789)).toThrow(
      expect.objectContaining({ code: 'GATEWAY_ORIGIN_REFUSED' }),
    );
  },
);
