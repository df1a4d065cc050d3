import { Answer, methods, RequestId, type TurnEvent } from '@physiclaw/contracts';
import type { Client } from '#appliance/cli/session/client.ts';
import { replyOf } from '#appliance/cli/session/turn.ts';
import type { Proposal, Turn } from './world.ts';

interface Proposed {
  readonly session: string;
  readonly proposals: readonly Proposal[];
  /** Takes all that the planner is told. */
  readonly heard: string[];
}

/** Has the agent take each call as a turn of its own, up to the one that waits for a person. */
export async function proposeCalls(
  person: Client,
  { session, proposals, heard }: Proposed,
): Promise<Turn> {
  for (const { actuator, arguments: given } of proposals) {
    const task = { type: 'call', actuator, arguments: JSON.parse(JSON.stringify(given)) } as const;
    const { turn } = await person.call('ask', methods.ask, { session, task });
    const { asked, ended } = follow(person, { session, turn, heard });
    const request = await asked;
    if (request !== undefined) return { request, ended };
    await ended;
  }
  return { ended: Promise.resolve() };
}

interface Followed {
  readonly session: string;
  readonly turn: string;
  readonly heard: string[];
}

/** Resolves twice: with the request that a turn waits for, if it does, and when it is over. */
function follow(person: Client, { session, turn, heard }: Followed) {
  const { promise: asked, resolve } = Promise.withResolvers<string | undefined>();
  const listen = async () => {
    for await (const event of person.follow('follow', methods.follow, { session, turn })) {
      if (event.name === 'approval.requested') resolve(RequestId.parse(event.data['request']));
      await hear(person, event, heard);
    }
  };
  // A stream that breaks off with the stack is the end of its turn too.
  const ended = listen()
    .catch((error: unknown) => void heard.push(String(error)))
    .finally(() => resolve(undefined));
  return { asked, ended };
}

async function hear(person: Client, event: TurnEvent, heard: string[]): Promise<void> {
  if (event.name === 'turn.failed') heard.push(JSON.stringify(event.data));
  if (event.name !== 'assistant.message') return;
  const answer = Answer.parse(event.data['answer']);
  const reply = await replyOf(person, { turn: event.turn, answer });
  heard.push(JSON.stringify([answer.acts, reply]));
}
