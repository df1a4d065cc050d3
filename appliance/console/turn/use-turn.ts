import { useEffect, useReducer, useState } from 'react';
import type { Door } from '../door/door.ts';
import type { Refusal } from '../door/refusal.ts';
import { advance, notBegun, type Progress } from './progress.ts';

/** Follows a turn from its first event; a lost connection costs none. */
export function useTurn(
  door: Door,
  session: string,
  turn: string,
): { progress: Progress; failure: Refusal | undefined } {
  const [progress, tell] = useReducer(advance, notBegun);
  const [failure, setFailure] = useState<Refusal>();
  useEffect(
    () => door.follow(turn, { session, next: 0, tell, fail: setFailure }),
    [door, session, turn],
  );
  return { progress, failure };
}
