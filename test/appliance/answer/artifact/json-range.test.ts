import { isDeepStrictEqual } from 'node:util';
import { type Located, locate } from '@physiclaw/answer';
import { assert, constantFrom, jsonValue, property } from 'fast-check';
import { expect, test } from 'vitest';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const unreadable = expect.objectContaining({ code: 'ANSWER_ARTIFACT_UNREADABLE' });

test('each value stands where its range says, whatever the JSON', () => {
  assert(
    property(jsonValue(), constantFrom(undefined, 1, '\t'), (value, indent) => {
      const bytes = bytesOf(JSON.stringify(value, undefined, indent));
      expect(misplaced(locate(bytes), bytes)).toEqual([]);
    }),
  );
});

test('ranges count bytes, not characters', () => {
  const { children } = locate(bytesOf('{"a": "ä€😀", "b": 7}'));

  expect(children?.get('a')).toMatchObject({ value: 'ä€😀', range: [6, 17] });
  expect(children?.get('b')).toMatchObject({ value: 7, range: [24, 25] });
});

test.each([
  ['nothing', ''],
  ['a rest', '{} {}'],
  ['a key twice', '{"a":1,"a":2}'],
  ['a key that is no text', '{1:2}'],
  ['a comma too many', '[1,]'],
  ['an open list', '[1'],
  ['a number with a zero in front', '[01]'],
  ['a line break in a text', '"a\nb"'],
  ['an escape that does not exist', String.raw`"\x"`],
  ['words', 'all is well'],
  ['too deep a nest', '['.repeat(100) + ']'.repeat(100)],
])('%s is unreadable', (_, text) => {
  expect(() => locate(bytesOf(text))).toThrow(unreadable);
});

test('what is not UTF-8 is unreadable', () => {
  expect(() => locate(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(unreadable);
});

/** The values that do not stand where they are said to. */
function misplaced({ value, range, children }: Located, bytes: Uint8Array): unknown[] {
  const text = new TextDecoder().decode(bytes.subarray(...range));
  const wrong = isDeepStrictEqual(JSON.parse(text), value) ? [] : [value];
  return [...wrong, ...[...(children?.values() ?? [])].flatMap((child) => misplaced(child, bytes))];
}
