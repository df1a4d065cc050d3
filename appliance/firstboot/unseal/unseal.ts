import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, RUN, services } from '@physiclaw/machine';
import { digestOf } from '@physiclaw/proof';
import {
  consoleCertificate,
  genesis,
  handOut,
  type KeyProvider,
  Tpm,
  tpm2Provider,
} from '@physiclaw/seal';
import type { Facts } from '../facts.ts';
import { takeSeed } from '../seed/handed-on.ts';
import type { Seed } from '../seed/seed.ts';
import { makeClaimCode } from './claim-code.ts';
import { consoleNames } from './console-names.ts';
import { makeFolders } from './folders.ts';
import { applianceSlices, giveCredentials, readConfiguration, writeSlices } from './hand-over.ts';
import { showRecoveryKey } from './recovery-key.ts';
import { Volume } from './volume.ts';

/**
 * Opens the state volume and hands each service what it starts with; at the first boot makes all
 * of it. When it resolves the TPM opens nothing more until the next boot.
 */
export async function unseal(facts: Facts): Promise<void> {
  const seed = takeSeed();
  await using tpm = await Tpm.open();
  const volume = new Volume({ tpm });
  const recoveryKey = await openVolume(facts, volume, seed);
  await volume.mount();
  const provider = tpm2Provider({ tpm, recoveryKey: recoveryKey ?? seed.recovery });
  await handOver(facts, provider, seed);
  if (recoveryKey !== undefined) {
    await showRecoveryKey(facts, recoveryKey);
    await volume.complete();
  }
  await tpm.extend(12, digestOf('physiclaw: the secrets of this boot are handed out'));
  facts.tell('state', 'starting');
}

/** Resolves to the recovery key of a volume that is new. */
async function openVolume(
  facts: Facts,
  volume: Volume,
  { recovery }: Seed,
): Promise<string | undefined> {
  const condition = await volume.condition();
  if (condition === 'complete') {
    await volume.unlock(recovery);
    return undefined;
  }
  facts.tell('state', 'waiting for first boot');
  const key = await volume.make(condition);
  facts.tell('state', 'sealing');
  return key;
}

async function handOver(facts: Facts, provider: KeyProvider, seed: Seed): Promise<void> {
  const home = HOME;
  makeFolders(home);
  const config = await readConfiguration(home);
  await genesis({ home, trustDomain: config.trustDomain, provider });
  const names = consoleNames(seed);
  const console = await consoleCertificate({ home, provider, ...names });
  const claimCode = makeClaimCode();
  // systemd reads them as root and shows each service its own.
  const owners = Object.fromEntries(services.map(({ name }) => [name, 0]));
  await handOut({ home, runFolder: RUN, owners, claimCode, provider });
  const { certificate, key } = console;
  giveCredentials('gateway', { 'console-cert': certificate, 'console-key': key });
  writeSlices(applianceSlices(config, names));
  facts.tell('certificate', fingerprintOf(certificate));
  facts.tell('log', readFileSync(join(home, 'anchors', 'log.vkey'), 'utf8').trim());
  facts.tell('claim code', claimCode);
}

function fingerprintOf(pem: string): string {
  return `SHA256:${new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()}`;
}
