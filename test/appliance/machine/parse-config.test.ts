import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config, ConfigError, parseConfig, withPort } from '@physiclaw/machine';
import { expect, onTestFinished, test } from 'vitest';

test('an empty file means every default', () => {
  expect(parseConfig('', 'config.yaml')).toEqual(Config.parse({}));
  expect(parseConfig('# nothing yet\n', 'config.yaml').gateway.port).toBe(18_789);
});

test('what is set is taken, the rest of its section keeps its default', () => {
  const { policy } = parseConfig('policy:\n  preset: strict\n', 'config.yaml');

  expect(policy.preset).toBe('strict');
  expect(policy.capabilitySeconds).toBe(300);
});

test.each([
  ['gatway:\n  port: 1\n', 'c.yaml:1:1: unknown key gatway; did you mean gateway?'],
  ['gateway:\n  prot: 1\n', 'c.yaml:2:3: unknown key gateway.prot; did you mean gateway.port?'],
  [
    'agent:\n  select: { treshold: 1 }\n',
    'c.yaml:2:13: unknown key agent.select.treshold; did you mean agent.select.threshold?',
  ],
  ['\n\nport: 1\n', 'c.yaml:3:1: unknown key port; did you mean gateway.port?'],
  ['__proto__: 1\n', 'c.yaml:1:1: unknown key __proto__; did you mean'],
  [
    'tools:\n  exports:\n    - { name: a, path: b }\n    - name: c\n      paht: d\n',
    'c.yaml:5:7: unknown key tools.exports[1].paht; did you mean tools.exports[1].path?',
  ],
])('an unknown key is named with its place and the nearest right one: %j', (text, message) => {
  expect(faultsOf(text)).toContainEqual(expect.stringContaining(message));
});

test.each([
  ['gateway:\n  port: "no"\n', 'c.yaml:2:9: gateway.port: '],
  ['gateway:\n  port: 443\n', 'c.yaml:2:9: gateway.port: '],
  ['gateway:\n  port: 65536\n', 'c.yaml:2:9: gateway.port: '],
  ['policy:\n  capabilitySeconds: 301\n', 'c.yaml:2:22: policy.capabilitySeconds: '],
  // A turn ends after a day, and so does a session: an approval could be given and let nothing happen.
  ['policy:\n  approvalMinutes: 1441\n', 'c.yaml:2:20: policy.approvalMinutes: '],
  ['policy: { preset: loose }\n', 'c.yaml:1:19: policy.preset: '],
  ['gateway: 3\n', 'c.yaml:1:10: gateway: '],
  ['audit:\n', 'c.yaml:1:7: audit: '],
  ['- 1\n', 'c.yaml:1:1: the file: '],
  ['tools:\n  mounts:\n    - path: /\n', 'c.yaml:3:7: tools.mounts[0].name: '],
  [
    'tools:\n  exports: [{ name: a, path: b }, { name: a, path: c }]\n',
    'c.yaml:2:12: tools.exports: expected each name once',
  ],
  [
    'siem:\n  destination: tcp://10.0.0.9:514\n  ca: -----BEGIN CERTIFICATE-----\n',
    'c.yaml:2:16: siem.destination: expected relp://HOST:PORT or tls://HOST:PORT, the port from 1 to 65535; both speak TLS, plain TCP and UDP are refused',
  ],
  [
    'siem:\n  destination: relp://10.0.0.9:2514\n',
    'c.yaml:2:3: siem.ca: expected the certificates that the receiver is known by',
  ],
  ['siem: { ca: /etc/ca.pem }\n', 'c.yaml:1:13: siem.ca: expected certificates in PEM'],
])('a wrong value is named with its place: %j', (text, message) => {
  expect(faultsOf(text)).toEqual([expect.stringContaining(message)]);
});

const machine = ['/home', '/run'];

test.each([
  [
    'tools:\n  mounts:\n    - { name: mine, path: /home/me/.ssh }\n',
    'c.yaml:3:27: tools.mounts[0].path: expected a folder that a sandbox may see, found one in /home, which',
  ],
  ['tools:\n  mounts: [{ name: mine, path: /home }]\n', 'found one in /home, which none sees'],
  [
    'tools:\n  masked: [/srv/keys]\n  mounts: [{ name: mine, path: /srv/keys/a/../b }]\n',
    'c.yaml:3:32: tools.mounts[0].path: expected a folder that a sandbox may see, found one in the place of tools.masked[0]',
  ],
  [
    'tools:\n  masked: [/srv, /var]\n',
    'c.yaml:2:18: tools.masked[1]: expected a place that hides no built-in mount, found one around logs (/var/log)',
  ],
  [
    'tools:\n  exports: [{ name: logs, path: out }]\n',
    'c.yaml:2:21: tools.exports[0].name: expected a name that no mount has',
  ],
  ['tools:\n  mounts: [{ name: a, path: data }]\n', 'c.yaml:2:29: tools.mounts[0].path: '],
])('a folder that cannot be as the file says is named with its place: %j', (text, message) => {
  const faults = faultsOf(text, machine);

  expect(faults).toEqual([expect.stringContaining(message)]);
  expect(faults.join('')).not.toMatch(/[/]me|keys/);
});

test('a mount that a link leads into a masked place is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'keys'));
  symlinkSync('keys', join(folder, 'link'));
  const text = `tools: { mounts: [{ name: a, path: ${join(folder, 'link')} }] }`;

  expect(faultsOf(text, [join(folder, 'keys')])).toHaveLength(1);
});

test('a mount around a masked place is taken: the place is covered in it', () => {
  const text = 'tools: { masked: [/srv/keys, /var/log], mounts: [{ name: srv, path: /srv }] }';

  expect(parseConfig(text, 'c.yaml', { masked: machine }).tools.mounts).toHaveLength(1);
});

test.each([
  ['gateway: { port: 1\n', 'c.yaml:2:1: '],
  ['gateway:\n  port: 1\ngateway:\n  port: 2\n', 'c.yaml:3:1: Map keys must be unique'],
  ['a: &a 1\nb: *a\n', 'c.yaml:2:4: aliases are not supported'],
  ['--- 1\n--- 2\n', 'c.yaml:2:1: '],
  ['gateway: !secret 1\n', 'c.yaml:1:10: Unresolved tag'],
])('broken YAML is named with its place: %j', (text, message) => {
  expect(faultsOf(text)).toEqual([expect.stringContaining(message)]);
});

test('all faults come at once, in the order of the file', () => {
  const faults = faultsOf('gateway:\n  prot: 1\npolicy:\n  preset: loose\nloglevel: info\n');

  expect(faults.map((fault) => fault.slice(0, 11))).toEqual([
    'c.yaml:2:3:',
    'c.yaml:4:11',
    'c.yaml:5:1:',
  ]);
});

test('no value of the file is quoted', () => {
  expect(faultsOf('gateway:\n  port: hunter2\n').join('')).not.toContain('hunter2');
});

test('a port is written into the file without touching the rest of it', () => {
  const text = '# mine\ngateway:\n  # the door\n  port: 1024 # old\npolicy:\n  preset: strict\n';
  const changed = withPort(text, 'c.yaml', 4711);

  expect(parseConfig(changed, 'c.yaml').gateway.port).toBe(4711);
  expect(changed).toContain('# the door');
  expect(changed).toContain('preset: strict');
});

test('a port is written into a file that says nothing yet', () => {
  expect(parseConfig(withPort('# mine\n', 'c.yaml', 4711), 'c.yaml').gateway.port).toBe(4711);
});

test.each(['gateway: [', '- 1\n', 'gateway: 3\n'])('no port is written into %j', (text) => {
  expect(() => withPort(text, 'c.yaml', 4711)).toThrow(ConfigError);
});

function faultsOf(text: string, masked: readonly string[] = []): string[] {
  try {
    parseConfig(text, 'c.yaml', { masked });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}
