import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectParts, partsOf } from '#offline-bundle/lock/parts.ts';
import { writeProduct } from '../product.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-parts-'));
  writeProduct(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('Node and each package with files of its own is a part', () => {
  expect(partsOf(folder, '24.0.0').map(({ name, version }) => `${name} ${version}`)).toEqual([
    'node 24.0.0',
    '@scope/native 2.0.0',
    'plain 1.0.0',
  ]);
});

test('the same build has the same parts', () => {
  const parts = partsOf(folder, '24.0.0');

  expect(() => expectParts(parts, partsOf(folder, '24.0.0'))).not.toThrow();
});

test.each(['bin/node', 'node_modules/@scope/native/native.node', 'node_modules/plain/more.js'])(
  'another %s is refused by the name of its part',
  (file) => {
    const parts = partsOf(folder, '24.0.0');
    writeFileSync(join(folder, file), 'changed');
    const name = file.split('/').slice(1, -1).join('/') || 'node';

    expect(() => expectParts(parts, partsOf(folder, '24.0.0'))).toThrow(
      expect.objectContaining({
        code: 'BUNDLE_INPUT_CHANGED',
        message: expect.stringContaining(`${name} in the build`),
      }),
    );
  },
);

test('a part that nobody locked is refused, and one that is missing', () => {
  const parts = partsOf(folder, '24.0.0');
  mkdirSync(join(folder, 'node_modules/new'));
  writeFileSync(join(folder, 'node_modules/new/package.json'), '{"name":"new","version":"1.0.0"}');

  expect(() => expectParts(parts, partsOf(folder, '24.0.0'))).toThrow('expected none');
  expect(() => expectParts(partsOf(folder, '24.0.0'), parts)).toThrow('found none');
});

test('a folder without a build is refused, with the command that helps', () => {
  rmSync(join(folder, 'node_modules'), { recursive: true });

  expect(() => partsOf(folder, '24.0.0')).toThrow(
    expect.objectContaining({
      code: 'BUNDLE_INPUT_INVALID',
      message: expect.stringContaining('make build'),
    }),
  );
});
