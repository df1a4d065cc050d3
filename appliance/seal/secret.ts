import { generateKeyPairSync } from 'node:crypto';
import { encodeBase64, generateSeed } from '@physiclaw/proof';
import type { SecretKind } from './provider.ts';

/** Every root secret, and the one service that it is handed to. */
export const rootSecrets = [
  { name: 'log-key', kind: 'ed25519-seed', service: 'audit' },
  { name: 'ca-key', kind: 'p256-key', service: 'identity' },
  { name: 'authority-key', kind: 'ed25519-seed', service: 'policy' },
] as const satisfies readonly { name: string; kind: SecretKind; service: string }[];

export type RootSecret = (typeof rootSecrets)[number]['name'];

/** A secret that nobody has seen before, as the text that is kept and handed out. */
export function makeSecret(kind: SecretKind): string {
  return kind === 'p256-key' ? makeP256Key() : encodeBase64(generateSeed());
}

function makeP256Key(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
