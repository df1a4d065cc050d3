import { expect, test } from 'vitest';
import { groupIds, homeFolders, ownUid, userName } from '../../../appliance/stack/users.ts';

test('a user goes by his name, and by his number where the machine knows no name', () => {
  expect(userName(0)).toBe('root');
  expect(userName(3_999_999)).toBe('3999999');
});

test('only groups that the machine has are found', () => {
  expect(groupIds(['root', 'no-such-group'])).toEqual([0]);
});

test('home folders include those of root and of people', () => {
  expect(homeFolders()).toEqual(expect.arrayContaining(['/root', '/home']));
  expect(homeFolders()).not.toContain('/');
});

test('the own user is the one of this process', () => {
  expect(ownUid()).toBe(process.getuid?.());
});
