import { Answer, methods, Receipt, type TurnEvent } from '@physiclaw/contracts';
import type { Person } from '../e2e/person.ts';
import { RUNBOOK } from './twelve.ts';

const PATIENCE_MS = 90_000;

/** A turn of twelve effects that has begun. */
export interface Begun {
  readonly session: string;
  readonly turn: string;
  /** What its lines begin with. */
  readonly name: string;
}

/** Opens a session and starts a turn in it; each try has lines of its own. */
export function beginTurn(person: Person, title: string): Promise<Begun> {
  let tries = 0;
  return person.persist(async (client) => {
    const name = `${title}.${(tries += 1)}`;
    const { session } = await client.call('reserveSession', methods.reserveSession, {});
    const opened = { session, entries: [] };
    const { receipt } = await client.call('openSession', methods.openSession, opened);
    person.receipts.push(receipt);
    const task = { type: 'runbook', runbook: RUNBOOK, slots: { turn: name } } as const;
    const { turn } = await client.call('ask', methods.ask, { session, task });
    return { session, turn, name };
  }, PATIENCE_MS);
}

/**
 * Follows a turn to its answer, again from where the stream was cut; keeps each receipt on the way.
 *
 * @throws Error when it ends without an answer, or does not end.
 */
export function endOf(person: Person, { session, turn }: Begun): Promise<Answer> {
  const heard: TurnEvent[] = [];
  return person.persist(async (client) => {
    const rest = { session, turn, from: heard.length };
    for await (const event of client.follow('follow', methods.follow, rest)) {
      heard.push(event);
      person.receipts.push(...receiptsIn(event.data));
    }
    const last = heard.at(-1);
    if (last?.name === 'turn.failed') throw new Error(JSON.stringify(last.data));
    if (last?.name !== 'assistant.message') throw new Error('the stream ended before the turn');
    return Answer.parse(last.data['answer']);
  }, PATIENCE_MS);
}

/** The receipts anywhere in what an event tells. */
function receiptsIn(value: unknown): Receipt[] {
  if (typeof value !== 'object' || value === null) return [];
  const { success, data } = Receipt.safeParse(value);
  return success ? [data] : Object.values(value).flatMap((part) => receiptsIn(part));
}
