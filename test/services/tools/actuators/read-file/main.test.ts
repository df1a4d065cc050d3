import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench } from '../bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

async function read(content: string | Buffer, range: { offset?: number; length?: number } = {}) {
  const path = bench.put('blob', content, bench.rig.folder);
  const operands = [{ path, target: 'notes/a.txt' }];
  return bench.act('read_file', { path: 'notes/a.txt', ...range }, { operands });
}

test('gives the bytes of the operand, whatever lies in the workspace', async () => {
  bench.put('notes/a.txt', 'changed since');

  expect((await read('as decided')).structured).toEqual({
    path: 'notes/a.txt',
    sizeBytes: 10,
    offset: 0,
    bytes: 10,
    encoding: 'utf-8',
    text: 'as decided',
    truncated: false,
  });
});

test('gives a part of a file, and says that there is more', async () => {
  const { structured } = await read('0123456789', { offset: 2, length: 3 });

  expect(structured).toMatchObject({ text: '234', offset: 2, bytes: 3, truncated: true });
});

test('a part never ends inside a character', async () => {
  const { structured } = await read('aäb', { length: 2 });

  expect(structured).toMatchObject({ text: 'a', bytes: 1, truncated: true });
});

test('what is no text comes as base64', async () => {
  const { structured } = await read(Buffer.of(0xff, 0x00, 0xfe));

  expect(structured).toMatchObject({ encoding: 'base64', text: '/wD+', bytes: 3 });
});

test('beyond the end there is nothing', async () => {
  expect((await read('abc', { offset: 9 })).structured).toMatchObject({ text: '', bytes: 0 });
});

test('the text is the canonical JSON of the answer, so that its bytes can be cited', async () => {
  const { text, structured } = await read('x');

  expect(JSON.parse(text)).toEqual(structured);
  expect(text).toMatch(/^\{\n {2}"bytes": 1,\n {2}"encoding": /);
});
