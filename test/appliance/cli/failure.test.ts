import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Codes that are handed on, and so explained by whoever gives them. */
const OF_OTHERS = ['MODEL_REQUIRED', 'PEER_UNREACHABLE'];

const codes = globSync('appliance/cli/**/*.ts', { exclude: ['**/node_modules/**'] })
  .flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/(?:new Failure\(|code: )\s*'([A-Z_]+)'/g),
  ])
  .map(([, code = '']) => code)
  .filter((code) => !OF_OTHERS.includes(code));

test('the README explains each code of the command line', () => {
  const readme = readFileSync('appliance/cli/README.md', 'utf8');
  const [own = ''] = readme.split('| of any service');
  const explained = [...own.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);

  expect(explained).toEqual([...new Set(codes)].toSorted());
});

test('each of its codes is expected by some test', () => {
  const tests = globSync('test/**/*.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

  expect([...new Set(codes)].filter((code) => !tests.includes(code))).toEqual([]);
});
