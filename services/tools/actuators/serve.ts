import { readFileSync } from 'node:fs';

export type Arguments = Readonly<Record<string, unknown>>;
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** What an actuator answers with: flat, units in the names, lists in an order that does not change. */
export type Structured = { readonly [key: string]: Json | undefined };

/** Why something was not looked at: it stands in the answer, so that silence is never good news. */
export type NotChecked = { readonly what: string; readonly why: string };

/**
 * Answers the one request on standard input. What `act` throws becomes an answer too: an actuator
 * that fails is not one that crashed.
 */
export async function serve(
  act: (given: Arguments) => Structured | Promise<Structured>,
): Promise<void> {
  const request: { params: { arguments: Arguments } } = JSON.parse(readFileSync(0, 'utf8'));
  const result = await resultOf(act, request.params.arguments);
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n`);
}

/** A code of the kernel in words, or the code. */
export function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  const words = new Map([
    ['EACCES', 'permission denied'],
    ['EPERM', 'permission denied'],
    ['ENOENT', 'not there'],
  ]);
  return words.get(code) ?? code;
}

export function textOf(given: Arguments, name: string, otherwise?: string): string {
  const value = given[name] ?? otherwise;
  if (typeof value === 'string') return value;
  throw new TypeError(`expected the text ${name}`);
}

export function numberOf(given: Arguments, name: string, otherwise: number): number {
  const value = given[name] ?? otherwise;
  if (typeof value === 'number') return value;
  throw new TypeError(`expected the number ${name}`);
}

export function listOf(given: Arguments, name: string, otherwise?: readonly string[]): string[] {
  const value = given[name] ?? otherwise;
  if (Array.isArray(value)) return value.map(String);
  throw new TypeError(`expected the list ${name}`);
}

async function resultOf(
  act: (given: Arguments) => Structured | Promise<Structured>,
  given: Arguments,
) {
  try {
    const structuredContent = sorted(await act(given));
    const text = JSON.stringify(structuredContent, undefined, 2);
    return { content: [{ type: 'text', text }], structuredContent, isError: false };
  } catch (error) {
    // The log tells of it too: a run that did not do what was asked was not done.
    process.exitCode = 1;
    const text = error instanceof Error ? error.message : String(error);
    return { content: [{ type: 'text', text }], isError: true };
  }
}

/** Keys in order, so that equal answers are equal bytes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
