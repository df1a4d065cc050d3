import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  isThere,
  programsOf,
  removeScripts,
  removeUnits,
} from '../../../packer/steps/remove-dead.ts';

const UNITS = 'usr/lib/systemd/system';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'root-'));
  put('usr/bin/true', 'ELF');
  symlinkSync('usr/bin', join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), 0o755);
}

test('a script goes with its interpreter', () => {
  put('usr/sbin/of-a-shell', '#!/bin/sh\nexit\n');
  put('usr/sbin/of-true', '#!/bin/true\n');
  removeScripts(root);

  expect(existsSync(join(root, 'usr/sbin/of-a-shell'))).toBe(false);
  expect(existsSync(join(root, 'usr/sbin/of-true'))).toBe(true);
});

test('a unit goes with its program, and the links to it go too', () => {
  put(`${UNITS}/dead.service`, '[Service]\nExecStart=-/usr/bin/gone --now\n');
  put(`${UNITS}/alive.service`, '[Service]\nExecStart=true\n');
  mkdirSync(join(root, UNITS, 'multi-user.target.wants'));
  for (const name of ['dead', 'alive']) {
    const link = join(root, UNITS, 'multi-user.target.wants', `${name}.service`);
    symlinkSync(`/${UNITS}/${name}.service`, link);
  }
  removeUnits(root);

  expect(isThere(root, `/${UNITS}/multi-user.target.wants/alive.service`)).toBe(true);
  expect(isThere(root, `/${UNITS}/dead.service`)).toBe(false);
});

test('a mask stays', () => {
  mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
  symlinkSync('/dev/null', join(root, 'etc/systemd/system/getty.target'));
  removeUnits(root);

  expect(isThere(root, '/etc/systemd/system/getty.target')).toBe(true);
});

test('a link is followed inside the tree, not on this machine', () => {
  symlinkSync('/etc/hostname', join(root, 'usr/bin/outside'));
  symlinkSync('/usr/bin/circle', join(root, 'usr/bin/circle'));

  expect(isThere(root, '/usr/bin/outside')).toBe(false);
  expect(isThere(root, '/usr/bin/circle')).toBe(false);
  expect(isThere(root, '/bin/true')).toBe(true);
});

test('the programs of a unit are read without their prefixes', () => {
  expect(programsOf('ExecStartPre=-+/bin/a -x\nExecStart=@/bin/b b\nExecStop=!!c')).toEqual([
    '/bin/a',
    '/bin/b',
    'c',
  ]);
});
