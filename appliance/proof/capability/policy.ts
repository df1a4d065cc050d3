import { z } from 'zod';
import { type Cbor, isList, isMap, sameCbor } from '../encoding/dag-cbor.ts';

type On<Operator, Operand> = Operator extends string ? readonly [Operator, string, Operand] : never;
type Comparison = On<'==' | '!=', Cbor> | On<keyof typeof ORDERS, number> | On<'like', string>;

/** One condition on the arguments of an invocation (UCAN delegation 1.0, policy language). */
export type Condition =
  | Comparison
  | readonly ['all', string, Condition]
  | readonly ['any', string, Condition]
  | readonly ['not', Condition]
  | readonly ['and', readonly Condition[]]
  | readonly ['or', readonly Condition[]];

const STEP = String.raw`(?:\.[A-Za-z_]\w*|\.?\[(?:"[^"\\]*"|-?\d+|-?\d*:-?\d*)?\])\??`;
const SELECTOR = new RegExp(String.raw`^(?:\.|(?=\.)(?:${STEP})+)$`);
const STEPS = new RegExp(STEP, 'g');

const ORDERS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const;

const LOGIC: readonly unknown[] = ['not', 'and', 'or'];
const OPERANDS = new Map<unknown, (operand: unknown) => boolean>([
  ['not', isCondition],
  ['and', areConditions],
  ['or', areConditions],
  ['==', () => true],
  ['!=', () => true],
  ...Object.keys(ORDERS).map((order) => [order, isNumber] as const),
  ['like', (operand) => typeof operand === 'string'],
  ['all', isCondition],
  ['any', isCondition],
]);

/** What a delegation demands of the arguments: every condition of it. */
export const Policy = z.array(z.custom<Condition>(isCondition)).readonly();
export type Policy = z.infer<typeof Policy>;

// Kleene's three values, so that `and` is the least, `or` the greatest, and `not` the opposite.
const [NO, UNKNOWN, YES] = [-1, 0, 1];

/**
 * Whether the arguments meet the policy. What cannot be said, because a selector leads nowhere, is
 * a third answer beside yes and no: `not` does not turn it into a yes, and in the end it is a no.
 */
export function meets(policy: Policy, args: Cbor): boolean {
  return policy.every((condition) => evaluate(condition, args) === YES);
}

/** Whether a text is a selector as the UCAN policy language knows them. */
export function isSelector(text: string): boolean {
  return SELECTOR.test(text);
}

/**
 * What a selector picks from a value; undefined where it leads nowhere. A step that ends in `?`
 * gives null instead.
 */
export function select(selector: string, value: Cbor): Cbor | undefined {
  let selected: Cbor | undefined = value;
  for (const step of selector.match(STEPS) ?? []) {
    const optional = step.endsWith('?');
    selected = take(optional ? step.slice(0, -1) : step, selected);
    if (selected === undefined && optional) selected = null;
    if (selected === undefined) return undefined;
  }
  return selected;
}

/**
 * Whether a text matches a pattern whose `*` stands for any characters and whose `\*` for an
 * asterisk. Written out, since a regular expression with many wildcards takes exponential time.
 */
export function like(text: string, pattern: string): boolean {
  const literals = pattern.split(/(?<!\\)\*/).map((part) => part.replaceAll(String.raw`\*`, '*'));
  const [first = '', ...rest] = literals;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  let at = first.length;
  // Taking each literal at its first place leaves the most room for those after it.
  for (const literal of rest) {
    const found = text.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return at <= text.length - last.length && text.endsWith(last);
}

// By hand: a union of schemas tries each of them at each level, exponential in the depth.
function isCondition(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [operator, ...rest]: readonly unknown[] = value;
  const selector = LOGIC.includes(operator) ? '.' : rest.shift();
  if (rest.length !== 1 || typeof selector !== 'string' || !isSelector(selector)) return false;
  return OPERANDS.get(operator)?.(rest[0]) ?? false;
}

function areConditions(value: unknown): boolean {
  return Array.isArray(value) && value.every(isCondition);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function evaluate(condition: Condition, value: Cbor): number {
  const operator = condition[0];
  if (operator === 'not') return -evaluate(condition[1], value);
  if (operator === 'and' || operator === 'or') {
    const results = condition[1].map((part) => evaluate(part, value));
    // The specification's fixtures hold an empty "or" true.
    return combine(results, operator === 'and' || results.length === 0);
  }
  const selected = select(condition[1], value);
  if (selected === undefined) return UNKNOWN;
  if (operator === 'all' || operator === 'any') {
    const results = children(selected)?.map((child) => evaluate(condition[2], child));
    return results ? combine(results, operator === 'all') : UNKNOWN;
  }
  return holds(condition, selected) ? YES : NO;
}

function combine(results: readonly number[], all: boolean): number {
  const pick = all ? Math.min : Math.max;
  return results.reduce((a, b) => pick(a, b), all ? YES : NO);
}

function holds([operator, , operand]: Comparison, selected: Cbor): boolean {
  if (operator === '==' || operator === '!=') {
    return sameCbor(selected, operand) === (operator === '==');
  }
  if (operator === 'like') return typeof selected === 'string' && like(selected, operand);
  return isNumber(selected) && ORDERS[operator](selected, operand);
}

/** The members of a list or a map; undefined for a value that has none. */
function children(value: Cbor): readonly Cbor[] | undefined {
  if (isList(value)) return value;
  return isMap(value) ? Object.values(value) : undefined;
}

function take(step: string, value: Cbor): Cbor | undefined {
  const bracket = /\[(.*)\]$/s.exec(step)?.[1];
  if (bracket === undefined) return member(value, step.slice(1));
  if (bracket === '') return children(value);
  if (bracket.startsWith('"')) return member(value, bracket.slice(1, -1));
  if (!bracket.includes(':')) return isList(value) ? value.at(Number(bracket)) : undefined;
  if (!isList(value) && !(value instanceof Uint8Array)) return undefined;
  const [start, end] = bracket.split(':').map((bound) => (bound ? Number(bound) : undefined));
  return value.slice(start, end);
}

function member(value: Cbor, key: string): Cbor | undefined {
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
