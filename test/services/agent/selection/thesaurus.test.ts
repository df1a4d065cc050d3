import { expect, test } from 'vitest';
import { Thesaurus } from '#services/agent/selection/thesaurus.ts';

const thesaurus = new Thesaurus([
  ['memory', 'ram'],
  ['login', 'logged in'],
]);

test('a word stands under the first of its row, and is still shown as it was typed', () => {
  expect(thesaurus.words('RAM')).toEqual([{ text: 'ram', plain: 'memory', stem: 'memor' }]);
});

test('several words can be one', () => {
  expect(thesaurus.words('who logged in?').map(({ plain }) => plain)).toEqual(['login']);
});
