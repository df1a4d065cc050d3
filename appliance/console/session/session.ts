import { Scope } from '@physiclaw/contracts';
import { z } from 'zod';

const PLACE = 'physiclaw.session';

/**
 * Who is signed in on this tab. Kept for the tab alone: the credential is never in an address, a
 * cookie or another tab, and ends within the hour.
 */
export const Session = z.object({
  credential: z.string(),
  scopes: z.array(Scope),
  trustDomain: z.string(),
  /** The key that signed in, which also signs what its owner approves. */
  did: z.string(),
  name: z.string(),
  person: z.string(),
});
export type Session = z.infer<typeof Session>;

export function readSession(): Session | undefined {
  try {
    return Session.parse(JSON.parse(sessionStorage.getItem(PLACE) ?? ''));
  } catch {
    // None, or what another version left: a new sign-in replaces it.
    return undefined;
  }
}

export function keepSession(session: Session): void {
  sessionStorage.setItem(PLACE, JSON.stringify(session));
}

/** The end of a sign-in; what the tab remembers of its turns stays, for the same person. */
export function dropSession(): void {
  sessionStorage.removeItem(PLACE);
}

/** Whoever signs out leaves nothing behind for whoever comes next. */
export function leaveNothing(): void {
  sessionStorage.clear();
}
