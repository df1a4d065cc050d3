import { AnswerBook } from '../answer/answer-book.ts';
import { act } from '../gate/act.ts';
import type { EventData } from './event-store.ts';
import { titleOf } from './title.ts';
import type { Planned, Turn } from './turn.ts';

/** A turn that is one call: what was asked for and nothing else. */
export async function planCall(
  turn: Turn,
  call: { actuator: string; arguments: EventData },
): Promise<Planned> {
  const book = new AnswerBook(turn.begun, 'call');
  const wanted = { ...call, step: 'call', title: titleOf(call.actuator, call.arguments) };
  const waiting = (request: string, rules: readonly string[]) =>
    book.waiting(wanted, request, rules);
  book.add(wanted, await act(turn, wanted, waiting));
  return { answer: book.answer(), artifacts: {}, runbooks: [], steps: [] };
}
