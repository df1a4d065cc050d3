import { methods, type Task } from '@physiclaw/contracts';
import { useState } from 'react';
import type { z } from 'zod';
import { useAction } from '../door/use-action.ts';
import { useDesk } from '../frame/desk.ts';
import { keepTurns, keptTurns } from '../turn/kept-turns.ts';

/** The turns of this tab, and how to ask for another, all in one session of the person. */
export function useConversation() {
  const { door, session: signedIn } = useDesk();
  const { person } = signedIn;
  const [turns, setTurns] = useState(() => keptTurns(person));
  const action = useAction();
  const ask = (task: z.input<typeof Task>, question: string) =>
    action.run(async (tell) => {
      tell('Asking');
      const known = turns[0];
      // A session acts for a day after its start; an hour of sign-in never outlives one.
      const session = known && isOfToday(known.askedAt) ? known.session : await open();
      const { turn } = await door.call('ask', methods.ask, { session, task });
      const askedAt = new Date().toISOString();
      const next = [{ session, turn, question, askedAt }, ...turns];
      keepTurns(person, next);
      setTurns(next);
    });
  const open = async (): Promise<string> => {
    const { session } = await door.call('reserveSession', methods.reserveSession, {});
    await door.call('openSession', methods.openSession, { session, entries: [] });
    return session;
  };
  return { turns, ask, doing: action.doing, failure: action.failure };
}

const SESSION_MS = 20 * 3_600_000;

function isOfToday(askedAt: string): boolean {
  return Date.now() - Date.parse(askedAt) < SESSION_MS;
}
