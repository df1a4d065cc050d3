import { expect, test } from 'vitest';
import { addressOf } from '#services/inference/backend/address.ts';

test.each([
  [
    'http://127.0.0.1:8000/v1',
    { secure: false, options: { host: '127.0.0.1', port: 8000 }, base: '/v1' },
  ],
  ['http://box.lan/v1/', { secure: false, options: { host: 'box.lan', port: 80 }, base: '/v1' }],
  [
    'https://box.lan/api/v1',
    { secure: true, options: { host: 'box.lan', port: 443 }, base: '/api/v1' },
  ],
  ['http://[::1]:8000', { secure: false, options: { host: '::1', port: 8000 }, base: '' }],
  [
    'unix:/run/model.sock',
    { secure: false, options: { socketPath: '/run/model.sock' }, base: '/v1' },
  ],
])('%s is a way to a model server', (url, address) => {
  expect(addressOf(url)).toEqual(address);
});

test.each([
  'ftp://box/v1',
  'file:///etc/passwd',
  'box:8000',
  '',
  'unix:relative.sock',
  'http://user:secret@box/v1',
  'http://box/v1?key=secret',
  'http://box/v1#part',
])('"%s" is none, and is not repeated', (url) => {
  expect(() => addressOf(url)).toThrow(
    expect.objectContaining({
      code: 'INFERENCE_URL_INVALID',
      message: expect.not.stringContaining('secret'),
    }),
  );
});
