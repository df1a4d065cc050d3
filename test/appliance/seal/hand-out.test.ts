import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileProvider, genesis, handOut } from '@physiclaw/seal';
import { expect, test } from 'vitest';
import { makeHome } from './home.ts';

const isRoot = process.geteuid?.() === 0;
const own = process.geteuid?.() ?? 0;
const owners = { audit: own, identity: own, policy: own, tools: own };

async function makeKeys() {
  const home = makeHome();
  await genesis({ home, trustDomain: 'test.internal', provider: fileProvider });
  return { home, runFolder: makeHome() };
}
const tree = (runFolder: string) =>
  Object.fromEntries(
    Object.keys(owners).map((service) => [
      service,
      readdirSync(join(runFolder, 'credentials', service)),
    ]),
  );

test('each service gets the secret that it owns, and no other', async () => {
  const { home, runFolder } = await makeKeys();
  await handOut({ home, runFolder, owners });

  expect(tree(runFolder)).toEqual({
    audit: ['log-key'],
    identity: ['ca-key'],
    policy: ['authority-key'],
    tools: [],
  });
  expect(readFileSync(join(runFolder, 'credentials/audit/log-key'), 'utf8')).toBe(
    readFileSync(join(home, 'secrets/log-key'), 'utf8'),
  );
});

test('only its owner can read a credential, and nobody can list who has some', async () => {
  const { home, runFolder } = await makeKeys();
  await handOut({ home, runFolder, owners });
  const mode = (name: string) => statSync(join(runFolder, 'credentials', name)).mode & 0o777;

  expect([mode('.'), mode('audit'), mode('audit/log-key')]).toEqual([0o711, 0o700, 0o400]);
});

test('a credential belongs to the user of its service', async () => {
  const { home, runFolder } = await makeKeys();
  const [audit, policy] = isRoot ? [64_101, 64_103] : [own, own];
  await handOut({ home, runFolder, owners: { audit, policy } });
  const owner = (name: string) => statSync(join(runFolder, 'credentials', name)).uid;

  expect([owner('audit'), owner('audit/log-key')]).toEqual([audit, audit]);
  expect(owner('policy/authority-key')).toBe(policy);
});

test('policy is handed the digest of the claim code, and not after it was used', async () => {
  const { home, runFolder } = await makeKeys();
  const path = join(runFolder, 'credentials/policy/claim-code');
  await handOut({ home, runFolder, owners, claimCode: 'one-two-three' });
  const digest = readFileSync(path, 'utf8');
  await handOut({ home, runFolder, owners });

  expect(digest).toBe(createHash('sha256').update('one-two-three').digest('hex'));
  expect(existsSync(path)).toBe(false);
});

test('nothing is handed out where genesis has not been', async () => {
  const home = makeHome();
  const runFolder = makeHome();

  await expect(handOut({ home, runFolder, owners })).rejects.toMatchObject({
    code: 'SEAL_SECRET_MISSING',
  });
});
