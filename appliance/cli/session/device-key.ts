import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
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

/**
 * The key with which the user who types proves who he is, in a folder that only he can read. Made
 * once, when the stack is claimed; services never see it.
 */
export function deviceKeyPath(people: string): string {
  return join(people, userInfo().username, 'device.key');
}

/** @throws Failure DEVICE_KEY_LOOSE when others could have read it. */
export function readDeviceKey(people: string): Signer | undefined {
  const path = deviceKeyPath(people);
  if (!existsSync(path)) return undefined;
  const { mode, uid } = statSync(path);
  if ((mode & 0o077) !== 0 || uid !== process.getuid?.()) {
    throw new Failure(
      'DEVICE_KEY_LOOSE',
      `expected ${path} to be yours alone (mode 0600), found mode ${(mode & 0o777).toString(8)} of user ${uid}`,
    );
  }
  return signerFromSeed(decodeBase64(readFileSync(path, 'utf8').trim()));
}

export async function createDeviceKey(people: string): Promise<Signer> {
  const path = deviceKeyPath(people);
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  const seed = generateSeed();
  await writeDurable(path, Buffer.from(`${encodeBase64(seed)}\n`), {
    mode: 0o600,
    exclusive: true,
  });
  return signerFromSeed(seed);
}
