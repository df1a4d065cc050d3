import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Places, placesOf } from '@physiclaw/stack';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeHome, prepareHome } from '../../../appliance/stack/home.ts';
import { ownUid, userName } from '../../../appliance/stack/users.ts';

const self = ownUid();
let folder = '';
let places: Places;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'home-')));
  places = placesOf(join(folder, 'home'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('one user has everything, and others only pass through', () => {
  prepare({ audit: self, policy: self, tools: self });

  expect(modeOf(places.home)).toBe('711');
  expect(modeOf(join(places.state, 'audit'))).toBe('700');
  expect(modeOf(places.logs)).toBe('700');
  expect(modeOf(places.anchors)).toBe('755');
  expect(modeOf(join(places.people, userName(self)))).toBe('700');
});

test('what is there already is kept', () => {
  prepare({ audit: self });
  writeFileSync(join(places.state, 'audit/entry'), 'one');
  prepare({ audit: self });

  expect(existsSync(join(places.state, 'audit/entry'))).toBe(true);
});

test('a file where a folder must be is refused', () => {
  makeHome(places.home);
  writeFileSync(places.logs, '');

  expect(() => prepare({})).toThrow(expect.objectContaining({ code: 'STACK_HOME_FOREIGN' }));
});

test('a home that cannot be made is refused', () => {
  writeFileSync(join(folder, 'file'), '');

  expect(() => makeHome(join(folder, 'file/home'))).toThrow(
    expect.objectContaining({ code: 'STACK_HOME_FOREIGN' }),
  );
});

describe.runIf(self === 0)('with a user for each service', () => {
  const uids = { audit: 64_100, policy: 64_102, tools: 64_104 };

  test('each has its own state, and tools the folder of exports', () => {
    prepare(uids);

    expect(statSync(join(places.state, 'audit'))).toMatchObject({ uid: 64_100 });
    expect(statSync(join(places.state, 'tools'))).toMatchObject({ uid: 64_104 });
    expect(statSync(places.exports)).toMatchObject({ uid: 64_104 });
  });

  test('the owner and policy can both write where the kill switch lies, others only look', () => {
    prepare(uids, 1234);
    const kill = dirname(places.killFile);

    expect(statSync(kill)).toMatchObject({ uid: 1234, gid: 64_102 });
    expect(modeOf(kill)).toBe('775');
  });

  test('the folders of the owner are the owner’s alone', () => {
    prepare(uids, 1234);

    for (const path of [places.logs, places.answers, join(places.people, '1234')]) {
      expect(statSync(path)).toMatchObject({ uid: 1234 });
      expect(modeOf(path)).toBe('700');
    }
  });

  test('what was left under another user becomes the service’s own', () => {
    const state = join(places.state, 'audit');
    mkdirSync(join(state, 'tiles'), { recursive: true });
    writeFileSync(join(state, 'tiles/0'), 'tile');
    prepare(uids);

    expect(statSync(join(state, 'tiles'))).toMatchObject({ uid: 64_100 });
    expect(statSync(join(state, 'tiles/0'))).toMatchObject({ uid: 64_100, gid: 64_100 });
  });

  test('a file of somebody else is not given away by a second name or a link to it', () => {
    const state = join(places.state, 'audit');
    mkdirSync(state, { recursive: true });
    writeFileSync(join(folder, 'secret'), '');
    linkSync(join(folder, 'secret'), join(state, 'hard'));
    symlinkSync(join(folder, 'secret'), join(state, 'soft'));
    prepare(uids);

    expect(statSync(join(folder, 'secret'))).toMatchObject({ uid: 0 });
  });

  test('a start that was cut short on the way gives away the rest', () => {
    const state = join(places.state, 'audit');
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, 'given'), '');
    writeFileSync(join(state, 'not yet'), '');
    chownSync(join(state, 'given'), 64_100, 64_100);
    prepare(uids);

    expect(statSync(join(state, 'not yet'))).toMatchObject({ uid: 64_100 });
  });
});

function prepare(services: Record<string, number>, owner = self): void {
  makeHome(places.home);
  prepareHome(places, { owner, services });
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}
