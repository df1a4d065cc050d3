import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exitCodes } from '#appliance/cli/exit-code.ts';

test('the README explains each exit code, in order', () => {
  const readme = readFileSync('appliance/cli/README.md', 'utf8');
  const rows = readme.matchAll(/^\| (\d+) +\| `([a-z]+)` +\| \S/gm);

  expect([...rows].map(([, code, name]) => [name, Number(code)])).toEqual(
    Object.entries(exitCodes),
  );
});
