import { renderAnswer } from '@physiclaw/answer';
import { agent, Answer, type ChatMessage, methods, type TurnEvent } from '@physiclaw/contracts';
import { Turnstile } from '@physiclaw/platform';
import { z } from 'zod';
import type { Desk } from '../desk/desk.ts';
import type { Sessions } from '../session/session.ts';
import type { Rooms } from './rooms.ts';

const MOST = 1000;

const Asked = z.looseObject({
  task: z.looseObject({ type: z.string(), text: z.string().optional() }),
});
const Answered = z.looseObject({ answer: Answer });
const Failed = z.looseObject({ code: z.string(), message: z.string() });

/** The protocol's chat: sessions under names of the client's own, questions, what was said. */
export function seatChat(desk: Desk, rooms: Rooms, sessions: Sessions): void {
  const turnstile = new Turnstile();
  desk
    .answer('chat.send', methods['chat.send'], (request, { person }) => {
      const { sessionKey, message, idempotencyKey: runId } = request;
      // One at a time: neither two sessions of one name, nor the same question twice.
      return turnstile.pass(`${person} ${sessionKey}`, async () => {
        const session = await sessions.openNamed(sessionKey, person);
        const [known] = sessions.runs(session, runId);
        if (known) return { runId, status: 'in_flight', session, turn: known.turn };
        const task = { type: 'question', text: message } as const;
        const turn = await sessions.ask(session, person, task, runId);
        return { runId, status: 'started', session, turn };
      });
    })
    .answer('chat.history', methods['chat.history'], async (request, { person }) => {
      const { sessionKey, cursor, limit } = request;
      const session = sessions.named(sessionKey, person);
      const messages = session === undefined ? [] : await historyOf(session, rooms);
      const deltaCursor = cursorOf(session, messages.at(-1));
      const sessionInfo = session === undefined ? {} : { sessionId: session };
      if (cursor === undefined) {
        return { sessionKey, ...sessionInfo, messages: messages.slice(-limit), deltaCursor };
      }
      const seen = [undefined, ...messages].findIndex((one) => cursorOf(session, one) === cursor);
      if (seen === -1) return { kind: 'reset' as const };
      return { kind: 'delta' as const, messages: messages.slice(seen), deltaCursor, sessionInfo };
    })
    .answer('chat.abort', methods['chat.abort'], async ({ sessionKey, runId }, { person }) => {
      const session = sessions.named(sessionKey, person);
      const runs = session === undefined ? [] : sessions.runs(session, runId);
      const ended = await Promise.all(
        runs.map(({ turn, session: of }) =>
          rooms.agent.ask(agent.calls.abort, { session: of, turn }),
        ),
      );
      const runIds = runs.filter((_, at) => ended[at]?.aborted).map(({ run }) => run);
      return { ok: true as const, aborted: runIds.length > 0, runIds };
    });
}

/** What an event says in words; most say nothing. */
export function messageOf({ name, data, at, turn }: TurnEvent): ChatMessage | undefined {
  const text = textOf(name, data);
  if (text === undefined) return undefined;
  const role = name === 'user.message' ? 'user' : 'assistant';
  return { role, content: [{ type: 'text', text }], timestamp: Date.parse(at), turn };
}

function textOf(name: TurnEvent['name'], data: TurnEvent['data']): string | undefined {
  if (name === 'user.message') {
    const asked = Asked.safeParse(data).data?.task;
    return asked && (asked.text ?? JSON.stringify(asked));
  }
  if (name === 'assistant.message') {
    const answered = Answered.safeParse(data).data;
    return answered && renderAnswer(answered.answer);
  }
  const failed = name === 'turn.failed' ? Failed.safeParse(data).data : undefined;
  return failed && `${failed.code}: ${failed.message}`;
}

async function historyOf(session: string, { agent: peer }: Rooms): Promise<ChatMessage[]> {
  const { events } = await peer.ask(agent.calls.history, { session, count: MOST });
  return events.flatMap((event) => messageOf(event) ?? []);
}

/** Up to where a client has read; of another session it is not a place here. */
function cursorOf(session = 'none', last?: ChatMessage): string {
  return last ? `${session}/${last.timestamp}/${last.turn}/${last.role}` : `${session}/`;
}
