import type { Svid } from '@physiclaw/platform';

/** What the hostile agent holds. */
export interface Loot {
  readonly svid: Svid;
  /** By session: the seed of its key (base64), and its first tree once it began. */
  readonly sessions: Record<string, { readonly seed: string; readonly tree?: string }>;
}
