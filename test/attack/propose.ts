import { Answer, methods, RequestId, type TurnEvent } from '@physiclaw/contracts';
import type { Client } from '#appliance/cli/session/client.ts';
import { replyOf } from '#appliance/cli/session/turn.ts';
import type { HostileModel } from './hostile-model.ts';
import type { Proposal, Turn } from './world.ts';

interface Proposed {
  readonly model: HostileModel;
  readonly session: string;
  readonly proposals: readonly Proposal[];
  /** Takes all that the planner is told. */
  readonly heard: string[];
}

/** Asks a question, to which the model answers with the calls, up to the one that waits for a person. */
export async function proposeCalls(
  person: Client,
  { model, session, proposals, heard }: Proposed,
): Promise<Turn> {
  const { question, prompts } = model.plan(proposals, heard);
  const task = { type: 'question', text: question } as const;
  const { turn } = await person.call('ask', methods.ask, { session, task });
  const { asked, ended } = follow(person, { session, turn, heard });
  const request = await asked;
  if (request !== undefined) return { request, ended, prompts };
  await ended;
  return { ended, prompts };
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
  heard.push(JSON.stringify([answer.acts, answer.notChecked, reply]));
}
