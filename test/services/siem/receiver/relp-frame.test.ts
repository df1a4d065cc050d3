import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, type Frame, FrameReader } from '#services/siem/receiver/relp-frame.ts';

const plain = ({ number, command, data }: Frame) => [number, command, data.toString('latin1')];
const strange = expect.objectContaining({ code: 'SIEM_RECEIVER_REFUSED' });

test('a frame is what the specification says', () => {
  expect(encodeFrame(2, 'syslog', Buffer.from('<1>a')).toString()).toBe('2 syslog 4 <1>a\n');
  expect(encodeFrame(3, 'close', Buffer.alloc(0)).toString()).toBe('3 close 0\n');
});

test('frames are found in whatever pieces they come', () => {
  const frame = fc.record({
    number: fc.nat(999_999_999),
    command: fc.stringMatching(/^[a-z]{1,32}$/),
    data: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 9 }), (frames, step) => {
      const bytes = Buffer.concat(
        frames.map(({ number, command, data }) => encodeFrame(number, command, data)),
      );
      const reader = new FrameReader();
      const found: unknown[] = [];
      for (let at = 0; at < bytes.length; at += step) {
        for (const one of reader.read(bytes.subarray(at, at + step))) found.push(plain(one));
      }
      expect(found).toEqual(frames.map(plain));
    }),
  );
});

test.each([
  'HTTP/1.1 400 Bad Request\r\n',
  '1 RSP 2 ok\n',
  '1 rsp 3 200x',
  '1 rsp 70000 ',
  '1 rsp 7\n',
  '0123456789 rsp 0\n',
  'x'.repeat(60),
])('what is no frame is refused: %j', (text) => {
  const reader = new FrameReader();

  expect(() => [...reader.read(Buffer.from(text))]).toThrow(strange);
});
