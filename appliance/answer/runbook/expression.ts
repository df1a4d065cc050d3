import { parse, type ParseResult } from '@marcbachmann/cel-js';
import { AnswerError } from '../error.ts';

const known = new Map<string, ParseResult>();
const MOST_KNOWN = 1000;

/**
 * Evaluates a CEL expression: no loops but over lists, no names but those given, so it always ends
 * and can do nothing but look.
 *
 * @throws AnswerError ANSWER_EXPRESSION_INVALID, also where it meets a name that is not there.
 */
export function evaluate(expression: string, scope: Readonly<Record<string, unknown>>): unknown {
  try {
    return compiled(expression)({ ...scope });
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new AnswerError('ANSWER_EXPRESSION_INVALID', `${expression}: ${why}`, { cause });
  }
}

/** The same for one that must be true or false. @throws AnswerError ANSWER_EXPRESSION_INVALID */
export function holds(expression: string, scope: Readonly<Record<string, unknown>>): boolean {
  const value = evaluate(expression, scope);
  if (typeof value === 'boolean') return value;
  const message = `${expression}: expected true or false, found ${typeof value}`;
  throw new AnswerError('ANSWER_EXPRESSION_INVALID', message);
}

function compiled(expression: string): ParseResult {
  const found = known.get(expression);
  if (found) return found;
  const made = parse(expression);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(expression, made);
  return made;
}
