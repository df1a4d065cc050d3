import { z } from 'zod';
import { findDeviceKey } from './device-key.ts';
import { type RememberedPasskey, passkeyOf } from './passkey.ts';
import type { PersonKey } from './person-key.ts';

const PLACE = 'physiclaw.keys';

/** What this browser remembers of a key. No secret: names only, and who forges one gains nothing. */
export const RememberedKey = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('passkey'),
    trustDomain: z.string(),
    did: z.string(),
    name: z.string(),
    credential: z.string(),
  }),
  z.object({
    kind: z.literal('device'),
    trustDomain: z.string(),
    did: z.string(),
    name: z.string(),
  }),
]);
export type RememberedKey = z.infer<typeof RememberedKey>;

/** The keys with which this browser can sign at this appliance, the latest first. */
export function keysOf(trustDomain: string): RememberedKey[] {
  return all().filter((key) => key.trustDomain === trustDomain);
}

export function remember(key: RememberedKey): void {
  const others = all().filter(({ did }) => did !== key.did);
  localStorage.setItem(PLACE, JSON.stringify([key, ...others]));
}

export function forget(did: string): void {
  localStorage.setItem(PLACE, JSON.stringify(all().filter((key) => key.did !== did)));
}

/** @throws Refusal DEVICE_KEY_REFUSED where a device key is gone. */
export function openKey(key: RememberedKey): Promise<PersonKey> {
  if (key.kind === 'device') return findDeviceKey(key.did, key.name);
  return Promise.resolve(passkeyOf(key satisfies RememberedPasskey));
}

function all(): RememberedKey[] {
  try {
    return z.array(RememberedKey).parse(JSON.parse(localStorage.getItem(PLACE) ?? '[]'));
  } catch {
    // What another version wrote, or somebody at the console, is no key of ours.
    return [];
  }
}
