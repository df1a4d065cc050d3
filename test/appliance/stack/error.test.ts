import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { asCode, codes, isRefusal, StackError } from '../../../appliance/stack/error.ts';

test('README explains every code', () => {
  const readme = readFileSync('appliance/stack/README.md', 'utf8');
  const explained = [...readme.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);

  expect(explained).toEqual([...codes]);
});

test('a foreign code is a start that failed', () => {
  expect(asCode('STACK_PORT_BUSY')).toBe('STACK_PORT_BUSY');
  expect(asCode('SEAL_EXPOSED')).toBe('STACK_START_FAILED');
});

test('a refusal is known by its code', () => {
  const error = new StackError('STACK_RUNNING', 'a stack runs already');

  expect(isRefusal(error, 'ENOENT', 'STACK_RUNNING')).toBe(true);
  expect(isRefusal(error, 'ENOENT')).toBe(false);
  expect(isRefusal('STACK_RUNNING', 'STACK_RUNNING')).toBe(false);
});
