import type { Intent } from '@physiclaw/contracts';
import { describe, expect, test } from 'vitest';
import { hardRuleOf } from '#services/policy/decision/hard-rules.ts';
import { intentOf } from '../intents.ts';

const places = { own: ['/srv/claw', '/run/claw-1/home', '/run/claw-1'] };
const system: Partial<Intent> = { mounts: [{ name: 'system', access: 'read' }] };
const exec = (...argv: string[]): Partial<Intent> => ({
  actuator: 'exec',
  arguments: { argv },
  program: { path: '/usr/bin/true', digest: '0'.repeat(64) },
});
const ruleOf = (more: Partial<Intent>) => hardRuleOf(intentOf(more), places);

describe('hard:own-state', () => {
  test.each<[string, Partial<Intent>]>([
    ['the configuration', exec('cat', '/srv/claw/config.yaml')],
    ['the keys', exec('cat', '/srv/claw/secrets/log-key')],
    ['the policy database', exec('sqlite3', '/srv/claw/state/policy/policy.db')],
    ['the log', exec('rm', '-rf', '/srv/claw/state/audit/log')],
    ['the kill file', exec('rm', '/srv/claw/kill/kill')],
    ['a socket', exec('nc', '-U', '/run/claw-1/policy.sock')],
    ['the home itself', exec('ls', '/srv/claw')],
    ['an installed appliance', exec('ls', '/var/lib/physiclaw/audit')],
    ['behind an option', exec('grep', '-f/srv/claw/config.yaml', 'x')],
    ['behind an equals sign', exec('dd', 'if=/srv/claw/state/audit/log/checkpoint')],
    ['in a script', exec('sh', '-c', 'cd /tmp; cat </srv/claw/config.yaml')],
    ['in quotes that a shell takes away', exec('sh', '-c', "cat /srv/'cl'aw/conf\\ig.yaml")],
    ['by a detour', exec('cat', '/srv/other/..//claw/./config.yaml')],
    ['by climbing out', exec('cat', '../../srv/claw/config.yaml')],
    ['in the environment', { ...exec('env'), environment: { CONFIG: '/srv/claw/config.yaml' } }],
    ['as the program', { ...exec('x'), program: { path: '/srv/claw/x', digest: '0'.repeat(64) } }],
    ['below a mount of the host', { ...system, arguments: { path: 'srv/claw/state' } }],
    ['below a mount near it', { ...system, arguments: { path: '.physiclaw/config.yaml' } }],
    ['deep in the arguments', { arguments: { list: [{ path: '/srv/claw/kill/kill' }] } }],
    [
      'as an export',
      { actuator: 'export_file', arguments: { as: '../../../srv/claw/config.yaml' } },
    ],
  ])('%s', (_what, more) => {
    expect(ruleOf(more)).toBe('hard:own-state');
  });
});

describe('hard:key-material', () => {
  test.each<[string, Partial<Intent>]>([
    ['/root/.ssh', exec('cat', '/root/.ssh/id_ed25519')],
    ['a home folder by its sign', exec('sh', '-c', 'cat ~/.ssh/id_rsa')],
    ['/etc/shadow', exec('cat', '/etc/shadow')],
    ['/etc/ssl/private', exec('ls', '/etc/ssl/private')],
    ['host keys', exec('cat', '/etc/ssh/ssh_host_ed25519_key')],
    ['below a mount of the host', { ...system, arguments: { path: 'etc/shadow' } }],
    ['an operand', { operands: [operand('home/.gnupg/private-keys-v1.d/k.key')] }],
  ])('%s', (_what, more) => {
    expect(ruleOf(more)).toBe('hard:key-material');
  });
});

test.each<[string, Partial<Intent>]>([
  ['a file of the workspace', { arguments: { path: 'etc/shadow' } }],
  ['a path that only begins alike', exec('cat', '/srv/clawback/notes', '/etc/shadowed')],
  ['a report that quotes a path', { arguments: { text: 'see /etc/shadow\nand more' } }],
  ['a unit of the log', { ...system, arguments: { unit: 'ssh' } }],
  [
    'the program of a built-in actuator',
    { program: { path: '/run/claw-1/dist/x.js', digest: 'x' } },
  ],
  ['numbers and nothing', { arguments: { count: 3, none: null } }],
])('%s is nobody else’s business', (_what, more) => {
  expect(ruleOf(more)).toBeUndefined();
});

function operand(path: string) {
  return { argument: 'path', path, digest: '0'.repeat(64), size: 1 };
}
