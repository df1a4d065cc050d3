import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMessage, hostField, type Message } from '#services/siem/message/syslog.ts';
import { parseMessage } from '../parse-message.ts';

const message: Message = {
  severity: 'informational',
  time: Date.UTC(2026, 10, 21, 15, 4, 5, 6),
  id: 'decision',
  data: { index: 7, leaf: 'a+/=' },
  text: '{"a":1}',
};
const format = { host: 'box', limit: 8192 };
const text = (of: Partial<Message>, limit = 8192) =>
  formatMessage({ ...message, ...of }, { host: 'box', limit }).toString();

test('a message is RFC 5424, octet by octet', () => {
  expect(formatMessage(message, format).toString()).toBe(
    '<110>1 2026-11-21T15:04:05.006Z box physiclaw - decision [physiclaw@32473 index="7" leaf="a+/="] {"a":1}',
  );
});

test('no byte order mark stands before the text', () => {
  const bytes = formatMessage({ ...message, text: 'é' }, format);

  expect(bytes.includes(Buffer.from([0xef, 0xbb, 0xbf]))).toBe(false);
});

test('quotes, brackets and backslashes of structured data are escaped, line feeds are not', () => {
  expect(text({ data: { name: 'a"b\\c]d\ne[é' } })).toContain(
    '[physiclaw@32473 name="a\\"b\\\\c\\]d\ne[é"]',
  );
});

test('what cannot be said in a field is not said', () => {
  const odd = text({ id: 'two words', time: Number.NaN });

  expect(odd).toMatch(/^<110>1 - box physiclaw - - \[/);
  expect(text({ time: 253_402_300_800_000 })).toMatch(/^<110>1 - /);
  expect(['a b', '', 'ü', 'x'.repeat(256)].map(hostField)).toEqual(['-', '-', '-', '-']);
  expect(hostField('box.internal')).toBe('box.internal');
});

test.each([
  ['alert', 105],
  ['warning', 108],
  ['informational', 110],
] as const)('%s has the priority %i', (severity, priority) => {
  expect(text({ severity })).toMatch(new RegExp(`^<${priority}>1 `));
});

test('a message at the limit is whole, and one above it says how long its text was', () => {
  const whole = text({}).length;

  expect(text({}, whole)).toBe(text({}));
  expect(text({ text: 'x'.repeat(3000) }, 2048)).toMatch(/ bytes="3000"\] x+$/);
  expect(Buffer.byteLength(text({ text: 'x'.repeat(3000) }, 2048))).toBe(2048);
});

test('a cut message keeps its structured data, tears no character and fills the limit', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 2100, maxLength: 2400 }),
      fc.integer({ min: 2048, max: 2060 }),
      (long, limit) => {
        const bytes = formatMessage({ ...message, text: long }, { host: 'box', limit });
        const { data, text: cut } = parseMessage(bytes.toString());

        expect(bytes.length).toBeLessThanOrEqual(limit);
        expect(bytes.length).toBeGreaterThan(limit - 4);
        expect(data['leaf']).toBe('a+/=');
        expect(long.startsWith(cut)).toBe(true);
        expect(Number(data['bytes'])).toBe(Buffer.byteLength(long));
      },
    ),
    { numRuns: 50 },
  );
});

test('whatever a value is, it is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      expect(parseMessage(text({ data: { value } })).data).toEqual({ value });
    }),
  );
});
