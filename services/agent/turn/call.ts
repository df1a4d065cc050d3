import { AnswerBook } from '../answer/answer-book.ts';
import { act } from '../gate/act.ts';
import type { EventData } from './event-store.ts';
import type { Planned, Turn } from './turn.ts';

const LONGEST_WORD = 80;

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

function titleOf(actuator: string, given: Readonly<Record<string, unknown>>): string {
  const shown = Object.values(given).map((value) =>
    Array.isArray(value) ? value.join(' ') : wordOf(String(value)),
  );
  const line = [actuator, ...shown].join(' ').replaceAll(/[\s\p{Cc}]+/gu, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

// A title is one line: what is to be written into a file is not told there.
function wordOf(text: string): string {
  if (text.length <= LONGEST_WORD && !/[\n\r]/.test(text)) return text;
  return `(${Buffer.byteLength(text)} bytes)`;
}
