import { describe, expect, test } from 'vitest';
import { isSelector, select } from '#appliance/proof/capability/policy.ts';
import { Cid } from '#appliance/proof/encoding/dag-cbor.ts';

const bytes = Uint8Array.of(1, 2, 3, 4);
const link = Cid.of(bytes);
const value = {
  from: 'alice',
  to: ['bob', 'carol', 'dan'],
  nested: { 'a b': { c_1: 7 } },
  nothing: null,
  bytes,
  link,
};

describe('a selector', () => {
  test.each([
    ['.', value],
    ['.from', 'alice'],
    ['.nested["a b"].c_1', 7],
    ['.["from"]', 'alice'],
    ['.to[0]', 'bob'],
    ['.to[-1]', 'dan'],
    ['.to[1:]', ['carol', 'dan']],
    ['.to[:1]', ['bob']],
    ['.to[0:-1]', ['bob', 'carol']],
    ['.bytes[1:3]', Uint8Array.of(2, 3)],
    ['.to[]', value.to],
    ['.nested[]', [{ c_1: 7 }]],
    ['.nothing', null],
    ['.missing?', null],
    ['.to[9]?', null],
    ['.missing?.more?', null],
    ['.link', link],
  ])('%s picks %j', (selector, picked) => {
    expect(isSelector(selector)).toBe(true);
    expect(select(selector, value)).toEqual(picked);
  });

  test.each([
    '.missing',
    '.missing?.more',
    '.from.more',
    '.from[0]',
    '.from[0:1]',
    '.from[]',
    '.to.length',
    '.to[3]',
    '.to[-4]',
    '.nested[0]',
    '.nothing.more',
    '.bytes.length',
    '.bytes[0]',
    '.bytes[]',
    '.link.bytes',
    '.toString',
    '.__proto__',
  ])('%s leads nowhere', (selector) => {
    expect(isSelector(selector)).toBe(true);
    expect(select(selector, value)).toBeUndefined();
  });

  test.each([
    '',
    'from',
    '..',
    '.from.',
    '.0a',
    '.a-b',
    '[0]',
    '.to[',
    '.to[a]',
    '.to[1',
    '.to[:',
    '.["a"b"]',
    String.raw`.["\u0041"]`,
    '.a ',
    ' .a',
    '.a\n',
    '.a??',
  ])('%j is none', (text) => {
    expect(isSelector(text)).toBe(false);
  });
});
