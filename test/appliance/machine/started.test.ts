import { Config, services, startedServices } from '@physiclaw/machine';
import { expect, test } from 'vitest';

const ca = '-----BEGIN CERTIFICATE-----\n';

test('without a destination nothing starts that would call one', () => {
  const names = startedServices(Config.parse({})).map(({ name }) => name);

  expect(names).not.toContain('siem');
  expect(names).toHaveLength(services.length - 1);
});

test('with a destination every service starts', () => {
  const config = Config.parse({ siem: { destination: 'tls://192.0.2.9:6514', ca } });

  expect(startedServices(config)).toEqual(services);
});

test('and where a person may name one', () => {
  const config = Config.parse({ siem: { bySignature: true } });

  expect(startedServices(config)).toEqual(services);
});

test('all that may be missing says so', () => {
  const always = startedServices(Config.parse({}));
  const optional = services.filter((entry) => 'optional' in entry);

  expect(services.filter((entry) => !always.includes(entry))).toEqual(optional);
});
