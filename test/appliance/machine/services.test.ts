import {
  agent,
  type Api,
  audit,
  gateway,
  identity,
  inference,
  policy,
  siem,
  tools,
} from '@physiclaw/contracts';
import { Config, services } from '@physiclaw/machine';
import { expect, test } from 'vitest';

const apis: Api[] = [audit, identity, policy, inference, tools, agent, gateway, siem];

test.each(services)('$name needs exactly the services whose calls list it', ({ name, needs }) => {
  const offered = apis.filter(({ calls }) =>
    Object.values(calls).some(({ callers }) => callers.includes(name)),
  );

  expect([...needs].toSorted()).toEqual(offered.map(({ service }) => service).toSorted());
});

test('every contract is a service, with a section of the configuration', () => {
  const names = services.map(({ name }) => name).toSorted();

  expect(names).toEqual(apis.map(({ service }) => service).toSorted());
  expect(Object.keys(Config.shape)).toEqual(expect.arrayContaining(names));
});

test('no two services share a uid or a root secret', () => {
  const uids = services.map(({ uidOffset }) => uidOffset);
  const secrets = services.flatMap<string>(({ credentials }) => credentials);

  expect(new Set(uids).size).toBe(uids.length);
  expect(new Set(secrets).size).toBe(secrets.length);
});
