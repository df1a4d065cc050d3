import { claimsIn, hasClaim } from '@physiclaw/answer';
import { expect, test } from 'vitest';

const claims = (text: string) => claimsIn(text).map(({ start, end }) => text.slice(start, end));

test.each([
  ['It holds 4.5 GB (of 10).', ['4.5', 'GB', '10']],
  ['See /var/log/app.log, ./x and ~/y.', ['/var/log/app.log', './x', '~/y']],
  ['Ask root@host or example.org.', ['root@host', 'example.org']],
  ['Then two of them, a dozen or twenty-one.', ['two', 'dozen', 'twenty-one']],
  ['The process is named myApp and MY_APP.', ['myApp', 'MY_APP']],
  ['It is run by Ada on Linux.', ['Ada', 'Linux']],
])('the claims of %j are %j', (text, found) => {
  expect(claims(text)).toEqual(found);
});

test.each(['All is well.', 'No CPU is short of work! Nothing else: good.', ''])(
  '%j claims nothing',
  (text) => {
    expect(hasClaim(text)).toBe(false);
  },
);
