import { expect, test } from 'vitest';
import { emptyRoot, encodeHex, hashChildren, hashLeaf } from '@physiclaw/proof';

test('an empty tree, an empty leaf and a node hash as RFC 6962 says', () => {
  expect(encodeHex(emptyRoot())).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
  expect(encodeHex(hashLeaf(new Uint8Array()))).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
  expect(
    encodeHex(hashChildren(new TextEncoder().encode('N123'), new TextEncoder().encode('N456'))),
  ).toBe('aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb');
});

test('a leaf cannot be passed off as an interior node', () => {
  const [left, right] = [hashLeaf(Uint8Array.of(1)), hashLeaf(Uint8Array.of(2))];
  expect(hashLeaf(Uint8Array.from([...left, ...right]))).not.toEqual(hashChildren(left, right));
});
