import type { BlobStore } from '@physiclaw/platform';
import { readIntent } from '@physiclaw/proof';
import type { Events } from '../state/events.ts';
import { bytesOutOf, type Spent } from './budgets.ts';

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
        SELECT max(answer.time) FROM event answer JOIN event asked USING (name)
        WHERE answer.kind = 'approval' AND asked.kind = 'decision' AND asked.turn = @turn
          AND asked.session = @session
      ), 0)
    ) began,
    coalesce(sum(bytes), 0) bytesOut
  FROM (
    SELECT *, CASE WHEN verdict = 'allow' AND name != '' THEN name END approved
    FROM event WHERE kind = 'decision' AND session = @session
  )
`;

/** Adds up what the log holds of a session, and of a turn in it. */
export async function addUp(
  account: { readonly session: string; readonly turn: string },
  events: Events,
  intents: BlobStore,
): Promise<Spent> {
  await weigh(account.session, events, intents);
  const row = events.database.prepare<[typeof account], Spent>(SPENT).get(account);
  // An aggregate has one row, also of nothing.
  if (row) return row;
  throw new Error('no row of an aggregate');
}

/** Looks up what allowed calls sent out: it stands in their intents. A lost one counts as endless. */
async function weigh(session: string, { database }: Events, intents: BlobStore): Promise<void> {
  const heavy = database
    .prepare<[string], { entry: number; intent: string }>(
      "SELECT entry, intent FROM event WHERE kind = 'decision' AND session = ? AND bytes IS NULL",
    )
    .all(session);
  const write = database.prepare('UPDATE event SET bytes = ? WHERE entry = ?');
  for (const { entry, intent } of heavy) {
    const text = await intents.get(intent).catch(() => undefined);
    write.run(text ? bytesOutOf(readIntent(text.toString())) : Number.MAX_SAFE_INTEGER, entry);
  }
}
