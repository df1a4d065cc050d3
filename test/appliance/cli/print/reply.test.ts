import { expect, test } from 'vitest';
import { shownReply } from '#appliance/cli/print/reply.ts';

const content = [{ type: 'text' as const, text: '{"what": "json"}' }];
const reply = (structuredContent?: Record<string, string>) =>
  shownReply({ content, isError: false, ...(structuredContent && { structuredContent }) });

test('a file is its text, to the byte', () => {
  expect(reply({ text: 'no end of line', encoding: 'utf-8' }).out).toBe('no end of line');
});

test('a file that is no text is its bytes', () => {
  expect(reply({ text: '/wD+', encoding: 'base64' }).out).toEqual(Buffer.from([0xff, 0, 0xfe]));
});

test('a command is its output, each stream for itself', () => {
  expect(reply({ stdout: 'out\n', stderr: 'err\n' })).toEqual({ out: 'out\n', err: 'err\n' });
});

test('anything else is what the actuator said', () => {
  expect(reply({ entries: 'none' }).out).toBe('{"what": "json"}\n');
  expect(reply().out).toBe('{"what": "json"}\n');
});
