import { SessionId, TurnId } from '@physiclaw/contracts';
import { z } from 'zod';

const PLACE = 'physiclaw.turns';
const MOST = 20;

/** A turn of this tab: enough to follow it again after the page was loaded anew. */
const KeptTurn = z.object({
  session: SessionId,
  turn: TurnId,
  question: z.string(),
  askedAt: z.iso.datetime(),
});
export type KeptTurn = z.infer<typeof KeptTurn>;

/** The turns of this person on this tab, the latest first. */
export function keptTurns(person: string): KeptTurn[] {
  try {
    return z.array(KeptTurn).parse(JSON.parse(sessionStorage.getItem(placeOf(person)) ?? '[]'));
  } catch {
    // What another version wrote can be asked again.
    return [];
  }
}

export function keepTurns(person: string, turns: readonly KeptTurn[]): void {
  sessionStorage.setItem(placeOf(person), JSON.stringify(turns.slice(0, MOST)));
}

function placeOf(person: string): string {
  return `${PLACE} ${person}`;
}
