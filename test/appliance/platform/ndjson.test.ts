import { readLines } from '@physiclaw/platform';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

async function read(chunks: Uint8Array[], limit?: number) {
  const values: unknown[] = [];
  async function* bytes() {
    for (const chunk of chunks) {
      await Promise.resolve();
      yield chunk;
    }
  }
  for await (const value of readLines(bytes(), limit)) values.push(value);
  return values;
}

test('values come out as they went in, wherever the bytes were cut', async () => {
  const values = fc.array(fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(values, fc.array(fc.nat(40)), async (written, cuts) => {
      let rest = Buffer.from(written.map((value) => `${JSON.stringify(value)}\n`).join(''));
      const chunks = cuts.map((cut) => {
        const chunk = rest.subarray(0, cut);
        rest = rest.subarray(cut);
        return chunk;
      });
      const expected: unknown = JSON.parse(JSON.stringify(written));
      expect(await read([...chunks, rest])).toEqual(expected);
    }),
  );
});

test('a last line without a line feed was cut and does not count', async () => {
  expect(await read([Buffer.from('1\n2\n34')])).toEqual([1, 2]);
});

test('a line that is no JSON is an error', async () => {
  await expect(read([Buffer.from('1\n{\n')])).rejects.toThrow(SyntaxError);
});

test('a line without end is not kept', async () => {
  await expect(read([Buffer.from('"1234567'), Buffer.from('89')], 8)).rejects.toThrow(RangeError);
});
