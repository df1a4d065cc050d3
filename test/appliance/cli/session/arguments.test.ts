import { expect, test } from 'vitest';
import { argumentsOf, findActuator } from '#appliance/cli/session/arguments.ts';
import { manifest } from '#test/services/tools/fakes.ts';

const write = {
  ...manifest('write_file'),
  schema: {
    type: 'object' as const,
    properties: {
      path: { type: 'string' },
      content: { type: 'string' },
      offset: { type: 'integer' },
      append: { type: 'boolean' },
      tags: { type: 'array' },
    },
    'x-order': ['path', 'content'],
  },
};
const exec = {
  ...manifest('exec'),
  schema: { type: 'object' as const, properties: { argv: { type: 'array' } }, 'x-order': ['argv'] },
};

test.each([
  [[], {}],
  [['a.txt', 'hi'], { path: 'a.txt', content: 'hi' }],
  [['content=hi', 'a.txt'], { content: 'hi', path: 'a.txt' }],
  [['a.txt', 'x=1'], { path: 'a.txt', content: 'x=1' }],
  [['a.txt', 'content='], { path: 'a.txt', content: '' }],
  [['a.txt', 'two\nlines'], { path: 'a.txt', content: 'two\nlines' }],
  [['offset=12', 'append=true'], { offset: 12, append: true }],
  [['tags=one'], { tags: ['one'] }],
])('the words %j are the arguments %j', (words, expected) => {
  expect(argumentsOf(write, words)).toEqual(expected);
});

test('a list takes all the words that are left, also those that look like names', () => {
  expect(argumentsOf(exec, ['env', 'A=1', 'argv'])).toEqual({ argv: ['env', 'A=1', 'argv'] });
});

test.each([
  [['a', 'b', 'c'], 'ARGUMENT_UNEXPECTED', 'path content'],
  [['offset=twelve'], 'ARGUMENT_INVALID', 'a number'],
  [['offset='], 'ARGUMENT_INVALID', 'a number'],
  [['append=yes'], 'ARGUMENT_INVALID', 'true or false'],
])('the words %j are refused with %s', (words, code, said) => {
  expect(() => argumentsOf(write, words)).toThrow(
    expect.objectContaining({ code, exitCode: 2, message: expect.stringContaining(said) }),
  );
});

test('an actuator that is not there is refused with those that are', () => {
  expect(findActuator([write, exec], 'exec')).toBe(exec);
  expect(() => findActuator([write, exec], 'sudo')).toThrow(
    expect.objectContaining({
      code: 'ACTUATOR_UNKNOWN',
      exitCode: 2,
      message: 'expected one of write_file, exec; found sudo',
    }),
  );
});
