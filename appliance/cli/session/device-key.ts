import { chownSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurable } from '@physiclaw/platform';
import {
  decodeBase64,
  encodeBase64,
  generateSeed,
  type Signer,
  signerFromSeed,
} from '@physiclaw/proof';
import { Failure } from '../failure.ts';
import { personOf } from './person.ts';

/**
 * The key with which the user who types proves who he is, in a folder that only he can read. Made
 * once, when the stack is claimed; services never see it.
 */
export function deviceKeyPath(people: string): string {
  return join(people, personOf().name, 'device.key');
}

/** @throws Failure DEVICE_KEY_LOOSE when others could have read it. */
export function readDeviceKey(people: string): Signer | undefined {
  const path = deviceKeyPath(people);
  if (!existsSync(path)) return undefined;
  const { mode, uid } = statSync(path);
  if ((mode & 0o077) !== 0 || uid !== personOf().uid) {
    throw new Failure(
      'DEVICE_KEY_LOOSE',
      `expected ${path} to be yours alone (mode 0600), found mode ${(mode & 0o777).toString(8)} of user ${uid}`,
    );
  }
  return signerFromSeed(decodeBase64(readFileSync(path, 'utf8').trim()));
}

export async function createDeviceKey(people: string): Promise<Signer> {
  const path = deviceKeyPath(people);
  const { uid, gid } = personOf();
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  const seed = generateSeed();
  await writeDurable(path, Buffer.from(`${encodeBase64(seed)}\n`), {
    mode: 0o600,
    exclusive: true,
  });
  for (const made of [join(path, '..'), path]) chownSync(made, uid, gid);
  return signerFromSeed(seed);
}
