import { digestOf } from '@physiclaw/proof';

const PLACE = 'physiclaw.log.';

/** How the log's key stands to the one that this browser met first. */
export type Acquaintance = 'new' | 'known' | 'changed';

/**
 * Compares the log's verifier key with the one that this browser keeps for the trust domain, and
 * keeps the first. The gateway tells the key, so the first time only the screen can vouch for it.
 */
export function acquaint(trustDomain: string, vkey: string): Acquaintance {
  const kept = localStorage.getItem(PLACE + trustDomain);
  if (kept === null) {
    localStorage.setItem(PLACE + trustDomain, vkey);
    return 'new';
  }
  return kept === vkey ? 'known' : 'changed';
}

/** Takes the key that the screen shows now for the log's. */
export function accept(trustDomain: string, vkey: string): void {
  localStorage.setItem(PLACE + trustDomain, vkey);
}

/** Eight groups of four: short enough to compare by eye, long enough that no other key has it. */
export function fingerprintOf(vkey: string): string {
  return (digestOf(vkey).slice(0, 32).match(/.{4}/g) ?? []).join(' ');
}
