import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { personOf } from '../../../../appliance/cli/session/person.ts';

const { username, uid, gid } = userInfo();
const sudo = { SUDO_USER: 'ada', SUDO_UID: '1000', SUDO_GID: '1000' };

test('the person is who types', () => {
  expect(personOf({})).toEqual({ name: username, uid, gid });
});

test('under sudo it is who called it, and nobody else can say so', () => {
  const expected = uid === 0 ? { name: 'ada', uid: 1000, gid: 1000 } : { name: username, uid, gid };

  expect(personOf(sudo)).toEqual(expected);
});
