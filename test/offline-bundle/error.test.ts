import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundleCodes } from '#offline-bundle/error.ts';

test('the README explains every code', () => {
  const readme = readFileSync('offline-bundle/README.md', 'utf8');
  const explained = [...readme.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);

  expect(explained).toEqual([...bundleCodes]);
});

test('each code is expected by some test', () => {
  const tests = globSync('test/{bundle,offline-bundle}/**/*.test.ts').filter(
    (file) => !file.endsWith('/error.test.ts'),
  );
  const text = tests.map((file) => readFileSync(file, 'utf8')).join('\n');

  expect(bundleCodes.filter((code) => !text.includes(code))).toEqual([]);
});
