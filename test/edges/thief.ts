import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpiffeId } from '@physiclaw/contracts';
import { fixedSvid, type SvidSource } from '@physiclaw/platform';
import { placesOf } from '@physiclaw/stack';
import { Authority } from '#services/identity/authority/authority.ts';

const SECONDS = 3600;

export const trustDomain = 'physiclaw.local';

/** Makes SVIDs of any name for a stack whose CA key somebody took, as only root can. */
export async function openThief(home: string): Promise<(service: string) => Promise<SvidSource>> {
  const key = readFileSync(join(home, 'secrets', 'ca-key'), 'utf8');
  const bundle = readFileSync(join(placesOf(home).anchors, 'trust-bundle.pem'), 'utf8');
  const authority = await Authority.open(key, bundle, trustDomain);
  return async (service) => {
    const id = SpiffeId.parse(`spiffe://${trustDomain}/${service}`);
    const { update } = await authority.issue(id, SECONDS);
    return fixedSvid({ ...update, ca: bundle });
  };
}
