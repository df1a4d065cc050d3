import { attempt, demand } from '../error.ts';

const MAX_DEPTH = 128;
const CODE = 'PROOF_JSON_INVALID';

/**
 * The one text of a value (RFC 8785): keys sorted by UTF-16 code units, numbers as ECMAScript
 * writes them.
 *
 * @throws ProofError PROOF_JSON_INVALID for what JSON cannot hold (undefined, NaN, a bigint, an
 *   instance of a class), a lone surrogate, or nesting beyond 128.
 */
export function canonicalize(value: unknown): string {
  return write(value, 0);
}

/**
 * Reads a text that is its own canonical form, so equal values have equal digests.
 *
 * @throws ProofError PROOF_JSON_INVALID for any other text; a key given twice is one.
 */
export function parseCanonical(text: string): unknown {
  const value = attempt(CODE, 'the text is not JSON', (): unknown => JSON.parse(text));
  demand(canonicalize(value) === text, CODE, 'the JSON is not in its canonical form');
  return value;
}

function write(value: unknown, depth: number): string {
  demand(depth <= MAX_DEPTH, CODE, 'nested too deep');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item: unknown) => write(item, depth + 1)).join(',')}]`;
  }
  demand(isPlainObject(value), CODE, `JSON cannot hold this ${typeof value}`);
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${quote(key)}:${write(value[key], depth + 1)}`);
  return `{${members.join(',')}}`;
}

// A lone surrogate has no UTF-8; JSON.stringify would escape it, and readers would differ on it.
function quote(text: string): string {
  demand(text.isWellFormed(), CODE, 'a lone surrogate');
  return JSON.stringify(text);
}

// By the prototype's place, not its identity: an object from another realm is as plain.
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
