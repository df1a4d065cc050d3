import type { Intent } from '@physiclaw/contracts';
import type { Config } from '../config.ts';
import type { Events } from '../state/events.ts';

/** What a session has used up, as the log tells it. */
interface Spent {
  readonly callsInSession: number;
  readonly callsInTurn: number;
  readonly turns: number;
  /**
   * When the turn's time began, in milliseconds since 1970: at its first call, and anew whenever a
   * person answered, since it waited for him. Null before the first call.
   */
  readonly began: number | null;
  readonly bytesOut: number;
  /** Of a language model, as far as its server told them. */
  readonly tokens: number;
}

/** One more call, and what it would be charged against. */
export interface Charge extends Spent {
  /** Whether the call was counted already, when it began to wait for the approval that it has. */
  readonly paid: boolean;
  readonly bytes: number;
  readonly now: number;
}

// A call that waits for a person is decided on twice and counts once.
const SPENT = `
  SELECT
    count(*) - count(DISTINCT approved) callsInSession,
    count(*) FILTER (WHERE turn = @turn)
      - count(DISTINCT approved) FILTER (WHERE turn = @turn) callsInTurn,
    count(DISTINCT turn) turns,
    max(
      min(time) FILTER (WHERE turn = @turn),
      coalesce((
        SELECT max(answer.time) FROM event answer JOIN event asked USING (request)
        WHERE answer.kind = 'approval' AND asked.kind = 'decision' AND asked.turn = @turn
          AND asked.session = @session
      ), 0)
    ) began,
    coalesce(sum(body ->> 'bytesOut'), 0) bytesOut,
    (SELECT total(max(body ->> 'inputTokens', 0)) + total(max(body ->> 'outputTokens', 0))
      FROM event WHERE kind = 'traffic' AND session = @session) tokens
  FROM (
    SELECT *, iif(verdict = 'allow', request, NULL) approved
    FROM event WHERE kind = 'decision' AND session = @session
  )
`;

/** Adds up what the log holds of a session, and of a turn in it. */
export function addUp(
  account: { readonly session: string; readonly turn: string },
  { database }: Events,
): Spent {
  const row = database.prepare<[typeof account], Spent>(SPENT).get(account);
  // An aggregate has one row, also of nothing.
  if (row) return row;
  throw new Error('no row of an aggregate');
}

/** The budget that the call would exceed. */
export function exceeded(limits: Config['budgets'], charge: Charge): string | undefined {
  const { callsInSession, callsInTurn, turns, began, bytesOut, tokens, paid, bytes, now } = charge;
  const checks: [string, boolean][] = [
    ['turns-per-session', began === null && turns >= limits.turnsPerSession],
    ['calls-per-session', !paid && callsInSession >= limits.callsPerSession],
    ['calls-per-turn', !paid && callsInTurn >= limits.callsPerTurn],
    ['seconds-per-turn', began !== null && now - began > limits.secondsPerTurn * 1000],
    ['bytes-out', bytes > 0 && bytesOut + bytes > limits.bytesOut],
    // What an answer will cost nobody knows before it is there.
    ['tokens-per-session', tokens >= limits.tokensPerSession],
  ];
  const over = checks.find(([, exceeds]) => exceeds);
  return over && `budget:${over[0]}`;
}

/** Bytes that the call sends out of its workspace; the gate holds them against the tree. */
export function bytesOutOf({ effects, actuator, operands }: Intent): number {
  if (actuator !== 'export_file' && !effects.includes('export')) return 0;
  return operands.reduce((sum, { size }) => sum + size, 0);
}
