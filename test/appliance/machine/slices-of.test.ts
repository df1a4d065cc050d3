import {
  AgentConfig,
  AuditConfig,
  Config,
  GatewayConfig,
  IdentityConfig,
  InferenceConfig,
  killFileOf,
  type ServicePlaces,
  PolicyConfig,
  SiemConfig,
  slicesOf,
  ToolsConfig,
} from '@physiclaw/machine';
import { expect, test } from 'vitest';

const places: ServicePlaces = {
  run: '/run/p',
  home: '/run/p/home',
  dist: '/run/p/app',
  node: '/run/p/node/node',
  isolation: 'uid',
  ownerUid: 1000,
  own: ['/srv/home', '/run/short/home'],
  masked: ['/root', '/home'],
  cgroup: { version: 2, path: '/sys/fs/cgroup/p' },
};
const schemas = {
  audit: AuditConfig,
  identity: IdentityConfig,
  policy: PolicyConfig,
  inference: InferenceConfig,
  tools: ToolsConfig,
  agent: AgentConfig,
  gateway: GatewayConfig,
  siem: SiemConfig,
};
const ca = '-----BEGIN CERTIFICATE-----\n';
const exporting = Config.parse({ siem: { destination: 'relp://siem.internal:2514', ca } });

test.each(Object.entries(schemas))(
  'the slice of %s is plain JSON that it takes',
  (name, schema) => {
    const slice: unknown = new Map<string, unknown>(
      Object.entries(slicesOf(exporting, places)),
    ).get(name);

    expect(schema.parse(JSON.parse(JSON.stringify(slice)))).toEqual(slice);
  },
);

test('a slice has nothing of another service', () => {
  const config = Config.parse({ policy: { rules: 'permit(principal, action, resource);' } });
  const { policy, ...others } = slicesOf(config, places);

  expect(policy.rules).toContain('permit');
  expect(JSON.stringify(others)).not.toContain('permit');
  expect(Object.values(others).map(({ state }) => state)).not.toContain(policy.state);
  expect(others.audit).not.toHaveProperty('killFile');
});

test('a relative path lies in PHYSICLAW_HOME, an absolute one where it says', () => {
  const config = Config.parse({
    tools: {
      exports: [
        { name: 'reports', path: 'exports' },
        { name: 'out', path: '/srv/out' },
      ],
    },
    agent: { skills: ['mine'] },
  });
  const { tools, agent } = slicesOf(config, places);

  expect(tools.exports.map(({ path }) => path)).toEqual(['/run/p/home/exports', '/srv/out']);
  expect(agent.skills).toEqual(['/run/p/app/skills', '/run/p/home/mine']);
});

test('what is masked joins what the machine masks', () => {
  const config = Config.parse({ tools: { masked: ['/srv/keys', '/root'] } });

  expect(slicesOf(config, places).tools.masked).toEqual(['/root', '/home', '/srv/keys']);
});

test('the folders of the built-in actuators stay, each unless it is named anew', () => {
  const mounts = [
    { name: 'data', path: '/srv/data' },
    { name: 'system', path: '/usr' },
  ];
  const { tools } = slicesOf(Config.parse({ tools: { mounts } }), places);

  expect(tools.mounts).toEqual([
    { name: 'logs', path: '/var/log', access: 'read' },
    { name: 'processes', path: '/proc', access: 'read' },
    { name: 'data', path: '/srv/data', access: 'read' },
    { name: 'system', path: '/usr', access: 'read' },
  ]);
});

test('no slice shows a folder that lies in a masked place', () => {
  const mounts = [{ name: 'mine', path: '/home/me/.ssh' }];
  const config = Config.parse({ tools: { mounts } });

  expect(() => slicesOf(config, places)).toThrow(/tools[.]mounts\[0\][.]path: expected .*\/home/);
});

test('tools is told of no control group where the machine grants none', () => {
  const { cgroup: _, ...without } = places;

  expect(slicesOf(Config.parse({}), without).tools).not.toHaveProperty('cgroup');
});

test('policy and tools watch one kill file, the one that a person finds', () => {
  const { policy, tools } = slicesOf(Config.parse({}), places);

  expect(policy.killFile).toBe(killFileOf(places.home));
  expect(tools.killFile).toBe(policy.killFile);
});

test('siem has a slice, and gateway knows of it, where a destination is set', () => {
  const none = slicesOf(Config.parse({}), places);

  expect(none).not.toHaveProperty('siem');
  expect(none.gateway.siem).toBe(false);
  expect(slicesOf(exporting, places).gateway.siem).toBe(true);
});

test('siem waits for a receiver that a person names, where that is asked for', () => {
  const { siem, gateway } = slicesOf(Config.parse({ siem: { bySignature: true } }), places);

  expect(siem).toBeDefined();
  expect(siem).not.toHaveProperty('destination');
  expect(gateway.siem).toBe(true);
});
