import { globSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { inTools, tool } from '../../packer/steps/command.ts';
import { at } from '../../packer/steps/places.ts';
import { isThere, programsOf } from '../../packer/steps/remove-dead.ts';

const root = at('root');
const SHELLS = ['ash', 'bash', 'busybox', 'dash', 'ksh', 'mksh', 'sh', 'tcsh', 'zsh'];
const LOGINS = ['agetty', 'getty', 'login', 'mingetty', 'ssh', 'sshd', 'su', 'sudo', 'sulogin'];
const MANAGERS = ['apt', 'apt-get', 'dpkg', 'pip', 'pip3', 'rpm', 'snap'];
const LANGUAGES = ['awk', 'gawk', 'mawk', 'perl', 'python', 'python3'];
const REACHING = ['curl', 'dhclient', 'nc', 'ncat', 'telnet', 'wget'];
const EXPOSURE = 2.5;

test('nothing in it is a shell, a login, a package manager or a way to fetch', () => {
  const forbidden = [SHELLS, LOGINS, MANAGERS, LANGUAGES, REACHING].flat();
  const found = globSync('{bin,sbin,usr,opt,etc}/**', { cwd: root }).filter((path) => {
    return forbidden.includes(basename(path)) && isProgram(path);
  });

  expect(found).toEqual([]);
});

test('no file lends the rights of its owner', () => {
  const lending = globSync('**', { cwd: root }).filter((path) => {
    const stat = lstatSync(join(root, path));
    return stat.isFile() && (stat.mode & 0o6000) !== 0;
  });
  expect(lending).toEqual([]);
});

test('every unit starts a program that is there', () => {
  const folder = join(root, 'usr/lib/systemd/system');
  const dead = globSync('*.service', { cwd: folder }).filter((unit) => {
    const programs = programsOf(readFileSync(join(folder, unit), 'utf8'));
    return programs.some((program) => !isThere(root, program));
  });
  expect(dead).toEqual([]);
});

test('nobody has a password or a shell', () => {
  const open = lines('etc/shadow').filter((line) => !/^[^:]+:[!*]+:/.test(line));
  const shells = lines('etc/passwd').map((line) => line.split(':').at(-1) ?? '');

  expect(open).toEqual([]);
  expect(
    shells.filter((shell) => isThere(root, shell) && !/nologin|false|sync/.test(shell)),
  ).toEqual([]);
});

test('no port is opened but by the gateway', () => {
  const sockets = globSync('{etc,usr/lib}/systemd/system/*.socket', { cwd: root });
  const listening = sockets.filter((path) => {
    const file = join(root, path);
    return (
      lstatSync(file).isFile() && /^Listen(Stream|Datagram)=[\d[]/m.test(readFileSync(file, 'utf8'))
    );
  });
  const allowed = units().filter((unit) => /^SocketBindAllow=/m.test(textOf(unit)));

  expect(listening).toEqual([]);
  expect(allowed).toEqual(['physiclaw-gateway.service']);
});

test('the journal is kept in /var/log, and its reader is there', () => {
  const folder = join(root, 'usr/lib/systemd/journald.conf.d');
  const said = readdirSync(folder)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/^Storage=(\w+)/gm)]);

  expect(said.at(-1)?.[1]).toBe('persistent');
  expect(isThere(root, '/usr/bin/journalctl')).toBe(true);
});

test(`our units are exposed by ${EXPOSURE} at most in the mean`, () => {
  const options = ['--offline=true', '--no-pager', `--root=${inTools(root)}`];
  const told = tool('systemd-analyze', ['security', ...options, ...units()]);
  const levels = [...told.matchAll(/exposure level for (\S+): ([\d.]+)/g)];
  const mean = levels.reduce((sum, [, , level]) => sum + Number(level), 0) / levels.length;
  for (const [, unit, level] of levels) process.stdout.write(`exposure of ${unit}: ${level}\n`);
  process.stdout.write(`exposure in the mean: ${mean.toFixed(2)}\n`);

  expect(levels).toHaveLength(units().length);
  expect(mean).toBeLessThanOrEqual(EXPOSURE);
});

function units(): string[] {
  const names = readdirSync(join(root, 'usr/lib/systemd/system'));
  return names.filter((name) => /^physiclaw-.*\.service$/.test(name));
}

function textOf(unit: string): string {
  return readFileSync(join(root, 'usr/lib/systemd/system', unit), 'utf8');
}

function isProgram(path: string): boolean {
  const stat = lstatSync(join(root, path));
  return stat.isSymbolicLink()
    ? isThere(root, `/${path}`)
    : stat.isFile() && (stat.mode & 0o111) !== 0;
}

function lines(file: string): string[] {
  return readFileSync(join(root, file), 'utf8').trim().split('\n');
}
