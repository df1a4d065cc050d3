import { expect, test } from 'vitest';
import { connectParams, readFrame } from '#appliance/console/door/frame.ts';

test.each([undefined, new ArrayBuffer(2), '', '{', '{"type":"req","id":"1","method":"x"}'])(
  'what is no frame for this page is left: %s',
  (data) => {
    expect(readFrame(data)).toBeUndefined();
  },
);

test('an answer and an event are read', () => {
  expect(readFrame('{"type":"res","id":"1","ok":true,"payload":{}}')?.type).toBe('res');
  expect(readFrame('{"type":"event","event":"tick","payload":{"ts":1}}')?.type).toBe('event');
});

test('the page speaks version 4 and no other, by the sign-in of its person', () => {
  expect(connectParams('pclw_s_1')).toMatchObject({
    minProtocol: 4,
    maxProtocol: 4,
    auth: { token: 'pclw_s_1' },
  });
});
