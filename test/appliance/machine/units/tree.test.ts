import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  appliancePlaces,
  FIRST_UID,
  HOME,
  keptPaths,
  killFileOf,
  type ServiceEntry,
  services,
  unitTree,
} from '@physiclaw/machine';
import { expect, test } from 'vitest';

const tree = unitTree();
const entries: readonly ServiceEntry[] = services;
const fileOf = (path: string) => tree.get(path) ?? '';
const unitOf = (name: string) => fileOf(`usr/lib/systemd/system/physiclaw-${name}.service`);

/** The values of one setting, in the order of the file. */
function settings(unit: string, name: string): string[] {
  const lines = unit.split('\n').filter((line) => line.startsWith(`${name}=`));
  return lines.map((line) => line.slice(name.length + 1));
}
const setting = (unit: string, name: string) => settings(unit, name).at(-1);

test.each(entries)('$name runs as its own user, in its own unit', ({ name, groups }) => {
  const unit = unitOf(name);

  expect(setting(unit, 'User')).toBe(`physiclaw-${name}`);
  expect(setting(unit, 'SupplementaryGroups')).toBe(['physiclaw', ...groups].join(' '));
  expect(setting(unit, 'ExecStart')).toMatch(
    new RegExp(
      `^/usr/lib/physiclaw/bin/node .*/${name}[.]js /run/physiclaw/config/${name}[.]json$`,
    ),
  );
});

test.each(entries)('$name is given its own credentials and no others', ({ name, credentials }) => {
  const folder = `/run/physiclaw/credentials/${name}`;

  expect(settings(unitOf(name), 'LoadCredential')).toEqual(
    credentials.map((credential) => `${credential}:${folder}/${credential}`),
  );
});

test.each(entries)("$name sees its own state and no other service's", ({ name, writes = [] }) => {
  const unit = unitOf(name);
  const written = [`/run/physiclaw`, ...writes.map((folder) => `${HOME}/${folder}`)];

  expect(setting(unit, 'TemporaryFileSystem')).toMatch(`${HOME}/state:ro`);
  expect(settings(unit, 'BindPaths')).toEqual([`${HOME}/state/${name}`]);
  expect(setting(unit, 'ReadWritePaths')?.split(' ')).toEqual(written);
  expect(setting(unit, 'InaccessiblePaths')?.split(' ')).toContain(`${HOME}/secrets`);
});

test.each(entries.filter(({ network }) => network === 'none'))(
  '$name has no network',
  ({ name }) => {
    const unit = unitOf(name);

    expect(setting(unit, 'PrivateNetwork')).toBe('yes');
    expect(setting(unit, 'IPAddressDeny')).toBe('any');
    expect(setting(unit, 'RestrictAddressFamilies')).not.toMatch('AF_INET');
  },
);

test('one service listens on the network, on one port', () => {
  const listening = entries.filter(({ name }) => settings(unitOf(name), 'SocketBindAllow').length);

  expect(listening.map(({ name }) => name)).toEqual(['gateway']);
  expect(settings(unitOf('gateway'), 'SocketBindAllow')).toEqual(['tcp:18443']);
  expect(setting(unitOf('gateway'), 'SocketBindDeny')).toBe('any');
});

test.each(entries)('$name holds no capability and gains none', ({ name }) => {
  const unit = unitOf(name);

  expect(settings(unit, 'CapabilityBoundingSet')).toEqual(['']);
  expect(setting(unit, 'NoNewPrivileges')).toBe('yes');
  expect(setting(unit, 'ProtectSystem')).toBe('strict');
});

test('only who makes sandboxes may make name spaces', () => {
  const free = entries.filter(({ name }) => setting(unitOf(name), 'RestrictNamespaces') !== 'yes');

  expect(free.map(({ name }) => name)).toEqual(['tools']);
});

test('the group in which tools makes groups is that of its unit', () => {
  const { cgroup } = appliancePlaces;

  expect(cgroup).toEqual({
    version: 2,
    path: '/sys/fs/cgroup/system.slice/physiclaw-tools.service',
  });
  expect(setting(unitOf('tools'), 'DelegateSubgroup')).toBe('daemon');
});

test('policy can take back a kill', () => {
  expect(killFileOf(HOME)).toBe(`${HOME}/kill/kill`);
  expect(setting(unitOf('policy'), 'ReadWritePaths')).toMatch(`${HOME}/kill`);
});

test.each(entries)('$name does not start before the secrets were handed out', ({ name }) => {
  const unit = unitOf(name);

  expect(setting(unit, 'Requires')).toBe('physiclaw-unseal.service');
  expect(setting(unit, 'After')).toMatch('physiclaw-unseal.service');
});

test('an optional service starts only where it is handed a slice', () => {
  expect(settings(unitOf('siem'), 'ConditionPathExists')).toEqual([
    '/run/physiclaw/config/siem.json',
  ]);
  expect(settings(unitOf('audit'), 'ConditionPathExists')).toEqual([]);
});

test('each service has the number of the model', () => {
  const users = fileOf('usr/lib/sysusers.d/physiclaw.conf');

  for (const { name, uidOffset } of entries) {
    expect(users).toMatch(new RegExp(`^u physiclaw-${name} ${FIRST_UID + uidOffset} `, 'm'));
  }
});

test('the firewall lets that one service speak first which sends to others', () => {
  const rules = readFileSync('ansible/roles/firewall/files/nftables.conf', 'utf8');
  const uids = entries
    .filter(({ network, listens, reach }) => network === 'host' && !listens && !reach)
    .map(({ uidOffset }) => FIRST_UID + uidOffset);

  expect(Array.from(rules.matchAll(/skuid ([0-9]+)/g), ([, uid]) => Number(uid))).toEqual(uids);
});

test('nothing is switched on that is not named', () => {
  const preset = fileOf('usr/lib/systemd/system-preset/50-physiclaw.preset').trim().split('\n');

  expect(preset.at(-1)).toBe('disable *');
  for (const { name } of entries) expect(preset).toContain(`enable physiclaw-${name}.service`);
});

test('the journal is kept where a sandbox may be shown it, and of a bounded size', () => {
  const folder = 'usr/lib/systemd/journald.conf.d/';
  const files = [...tree, ...playedFiles()].filter(([path]) => path.startsWith(folder));
  // journald reads them by name, whatever laid them there; of one setting the last counts.
  const merged = files
    .toSorted(([a], [b]) => (basename(a) < basename(b) ? -1 : 1))
    .map(([, text]) => text)
    .join('\n');

  expect(setting(merged, 'Storage')).toBe('persistent');
  expect(setting(merged, 'SystemMaxUse')).toBe('64M');
  expect(setting(merged, 'RuntimeMaxUse')).toBe('64M');
  expect(setting(merged, 'ForwardToConsole')).toBe('no');
  expect(setting(merged, 'ForwardToWall')).toBe('no');
  expect(entries.find(({ name }) => name === 'tools')?.groups).toContain('systemd-journal');
  const hidden = [...keptPaths, HOME].filter((path) => '/var/log/journal'.startsWith(path));
  expect(hidden).toEqual([]);
});

/** What the roles of Ansible lay over the tree, by where it comes to lie. */
function playedFiles(): [string, string][] {
  return globSync('ansible/roles/*/tasks/main.yml').flatMap((tasks) => {
    const files = join(dirname(tasks), '../files');
    const copies = readFileSync(tasks, 'utf8').matchAll(/src: ([\w.-]+), dest: \/([\w./-]+)/g);
    return Array.from(copies, ([, source = '', path = '']): [string, string] => [
      path,
      readFileSync(join(files, source), 'utf8'),
    ]);
  });
}

test('no unit needs a shell', () => {
  const commands = [...tree.values()].flatMap((text) => settings(text, 'ExecStart'));

  expect(commands.length).toBe(entries.length + 3);
  for (const command of commands) {
    expect(command).toMatch(
      /^\/usr\/lib\/physiclaw\/bin\/node --[a-z-]+=\d+ \/usr\/lib\/physiclaw\//,
    );
  }
});
