import { z } from 'zod';
import { sameBytes } from '../encoding/bytes.ts';
import { type Cbor, encodeCbor } from '../encoding/dag-cbor.ts';
import { like } from './like.ts';
import { children, isSelector, select } from './selector.ts';

type On<Operator, Operand> = Operator extends string ? readonly [Operator, string, Operand] : never;

/** One condition on the arguments of an invocation (UCAN delegation 1.0, policy language). */
export type Condition =
  | On<'==' | '!=', Cbor>
  | On<'<' | '<=' | '>' | '>=', number>
  | On<'like', string>
  | readonly ['all', string, Condition]
  | readonly ['any', string, Condition]
  | readonly ['not', Condition]
  | readonly ['and', readonly Condition[]]
  | readonly ['or', readonly Condition[]];

const ORDERS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const;

const PARTS = new Map<unknown, (part: unknown) => boolean>([
  ['not', isCondition],
  ['and', areConditions],
  ['or', areConditions],
]);

const OPERANDS = new Map<unknown, (operand: unknown) => boolean>([
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

/**
 * Whether the arguments meet the policy. What cannot be said, because a selector leads nowhere, is
 * a third answer beside yes and no: `not` does not turn it into a yes, and in the end it is a no.
 */
export function meets(policy: Policy, args: Cbor): boolean {
  return policy.every((condition) => evaluate(condition, args) === true);
}

// By hand: a union of schemas tries each of them at each level, exponential in the depth.
function isCondition(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [operator, ...rest]: readonly unknown[] = value;
  if (rest.length === 1) return PARTS.get(operator)?.(rest[0]) ?? false;
  const [selector, operand] = rest;
  if (rest.length !== 2 || typeof selector !== 'string' || !isSelector(selector)) return false;
  return OPERANDS.get(operator)?.(operand) ?? false;
}

function areConditions(value: unknown): boolean {
  return Array.isArray(value) && value.every(isCondition);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function evaluate(condition: Condition, value: Cbor): boolean | undefined {
  const operator = condition[0];
  if (operator === 'not') return negated(evaluate(condition[1], value));
  if (operator === 'and' || operator === 'or') {
    const results = condition[1].map((part) => evaluate(part, value));
    // The specification's fixtures hold an empty "or" true.
    return operator === 'and' || results.length === 0 ? every(results) : some(results);
  }
  const selected = select(condition[1], value);
  return selected === undefined ? undefined : test(condition, selected);
}

type Test = Exclude<Condition, readonly [string, unknown]>;

function test(condition: Test, selected: Cbor): boolean | undefined {
  const [operator] = condition;
  if (operator === 'all' || operator === 'any') {
    const results = children(selected)?.map((child) => evaluate(condition[2], child));
    if (!results) return undefined;
    return operator === 'all' ? every(results) : some(results);
  }
  if (operator === '==' || operator === '!=') {
    // DAG-CBOR has one encoding of each value, so equal values are equal bytes.
    const same = sameBytes(encodeCbor(selected), encodeCbor(condition[2]));
    return same === (operator === '==');
  }
  if (operator === 'like') return typeof selected === 'string' && like(selected, condition[2]);
  return isNumber(selected) && ORDERS[operator](selected, condition[2]);
}

// Kleene's three values: unknown stays unknown unless the others decide.
function every(results: readonly (boolean | undefined)[]): boolean | undefined {
  if (results.includes(false)) return false;
  return results.includes(undefined) ? undefined : true;
}

function some(results: readonly (boolean | undefined)[]): boolean | undefined {
  return negated(every(results.map(negated)));
}

function negated(result: boolean | undefined): boolean | undefined {
  return result === undefined ? undefined : !result;
}
