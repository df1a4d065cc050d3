import { Config, FIRST_UID, GatewayConfig, IdentityConfig, SCREEN_UID } from '@physiclaw/machine';
import { expect, test } from 'vitest';
import { consoleNames } from '#appliance/firstboot/unseal/console-names.ts';
import { uids } from '#appliance/firstboot/unseal/folders.ts';
import { applianceSlices } from '#appliance/firstboot/unseal/hand-over.ts';

const seed = { address: '192.0.2.7/24', host: 'console.example' };
const slicesFor = (text: object, names = consoleNames(seed)) =>
  applianceSlices(Config.parse(text), names);

test('the door is open on every address, by the names of the seed', () => {
  const { gateway } = slicesFor({});

  expect(GatewayConfig.parse(gateway)).toMatchObject({
    listen: 'all',
    port: 18_443,
    hosts: ['localhost', 'console.example', '192.0.2.7'],
    owner: { uid: SCREEN_UID },
  });
});

test('a person can name a receiver of the log', () => {
  const { siem, gateway } = slicesFor({});

  expect(siem).toMatchObject({ bySignature: true });
  expect(siem).not.toHaveProperty('destination');
  expect(gateway.siem).toBe(true);
});

test('names of the configuration join them', () => {
  const { gateway } = slicesFor({ gateway: { hosts: ['other.example', 'console.example'] } });

  expect(gateway.hosts).toEqual(['other.example', 'console.example', 'localhost', '192.0.2.7']);
});

test('without a seed there is a name and no address', () => {
  expect(consoleNames({})).toEqual({ hosts: ['localhost', 'physiclaw'], addresses: [] });
});

test('identity asks the kernel for units, and the log says that the TPM keeps the keys', () => {
  const { identity } = slicesFor({});

  expect(IdentityConfig.parse(identity)).toMatchObject({
    attestation: 'unit',
    keyProvider: 'tpm2',
  });
});

test('each service has the number of the model', () => {
  expect(uids.get('audit')).toBe(FIRST_UID);
  expect(new Set(uids.values()).size).toBe(uids.size);
});
