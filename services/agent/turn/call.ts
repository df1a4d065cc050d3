import { AnswerBook } from '../answer/answer-book.ts';
import { Gated } from '../gate/act.ts';
import { z } from 'zod';
import type { Planned, Turn } from './turns.ts';

/** A turn that is one call: what was asked for and nothing else. */
export async function planCall({ begun, session, desk, signal }: Turn): Promise<Planned> {
  const { task } = begun;
  if (task.type !== 'call') throw new Error(`expected a call, found a ${task.type}`);
  const book = new AnswerBook(begun, 'call');
  const wanted = {
    step: 'call',
    title: titleOf(task.actuator, task.arguments),
    actuator: task.actuator,
    arguments: task.arguments,
  };
  const acted = await new Gated(desk, session, begun, signal).act(wanted, (request, rules) => {
    const draft = new AnswerBook(begun, 'call');
    draft.add(wanted, { label: 'waits', rules, request });
    const { title, actuator } = wanted;
    return { title, actuator, rules: [...rules], answer: z.json().parse(draft.answer()) };
  });
  book.add(wanted, acted);
  return { answer: book.answer(), artifacts: {}, runbooks: [], steps: [] };
}

function titleOf(actuator: string, given: Readonly<Record<string, unknown>>): string {
  const shown = Object.values(given).map((value) =>
    Array.isArray(value) ? value.join(' ') : String(value),
  );
  const line = [actuator, ...shown].join(' ').replaceAll(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
