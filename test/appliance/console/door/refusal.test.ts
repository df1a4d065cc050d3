import { expect, test } from 'vitest';
import { failureOf, isSignedOut, refusalOf } from '#appliance/console/door/refusal.ts';

const told = { code: 'POLICY_KEY_UNKNOWN', message: 'this key is not enrolled' };

test('an error is read as either transport sends it', () => {
  expect(refusalOf(told)).toMatchObject(told);
  expect(refusalOf({ error: { ...told, type: 'physiclaw' } })).toMatchObject(told);
});

test('what is neither an answer nor an error says so', () => {
  expect(refusalOf('<html>')).toMatchObject({ code: 'CONSOLE_UNREADABLE' });
});

test('only the end of a sign-in asks for another', () => {
  expect(isSignedOut(refusalOf({ code: 'GATEWAY_SIGN_IN_REFUSED', message: '' }))).toBe(true);
  expect(isSignedOut(refusalOf(told))).toBe(false);
});

test('a failure without a code keeps its words', () => {
  expect(failureOf(new RangeError('too far'))).toMatchObject({
    code: 'CONSOLE_FAULT',
    message: 'too far',
  });
});
