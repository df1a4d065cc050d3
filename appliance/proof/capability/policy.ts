import { z } from 'zod';
import { sameBytes } from '../encoding/bytes.ts';
import { type Cbor, encodeCbor } from '../encoding/dag-cbor.ts';
import { like } from './like.ts';
import { children, isSelector, select } from './selector.ts';

const Selector = z.string().refine(isSelector);
const Value = z.custom<Cbor>((value) => value !== undefined);

/** One condition on the arguments of an invocation (UCAN delegation 1.0, policy language). */
export type Condition =
  | readonly ['==' | '!=', string, Cbor]
  | readonly ['<' | '<=' | '>' | '>=', string, number]
  | readonly ['like', string, string]
  | readonly ['not', Condition]
  | readonly ['and' | 'or', readonly Condition[]]
  | readonly ['all' | 'any', string, Condition];

const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.tuple([z.enum(['==', '!=']), Selector, Value]),
    z.tuple([z.enum(['<', '<=', '>', '>=']), Selector, z.number()]),
    z.tuple([z.literal('like'), Selector, z.string()]),
    z.tuple([z.literal('not'), Condition]),
    z.tuple([z.enum(['and', 'or']), z.array(Condition)]),
    z.tuple([z.enum(['all', 'any']), Selector, Condition]),
  ]),
);

/** What a delegation demands of the arguments: every condition of it. */
export const Policy = z.array(Condition);
export type Policy = readonly Condition[];

/**
 * Whether the arguments meet the policy. What cannot be said, because a selector leads nowhere, is
 * a third answer beside yes and no: `not` does not turn it into a yes, and in the end it is a no.
 */
export function meets(policy: Policy, args: Cbor): boolean {
  return policy.every((condition) => evaluate(condition, args) === true);
}

function evaluate(condition: Condition, value: Cbor): boolean | undefined {
  switch (condition[0]) {
    case 'not':
      return negated(evaluate(condition[1], value));
    case 'and':
      return every(condition[1].map((part) => evaluate(part, value)));
    case 'or':
      // The specification's fixtures hold an empty "or" true.
      return condition[1].length === 0 || some(condition[1].map((part) => evaluate(part, value)));
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'like':
    case 'all':
    case 'any': {
      const selected = select(condition[1], value);
      return selected === undefined ? undefined : test(condition, selected);
    }
  }
}

type Test = Exclude<Condition, readonly ['not', unknown] | readonly ['and' | 'or', unknown]>;

function test(condition: Test, selected: Cbor): boolean | undefined {
  switch (condition[0]) {
    case '==':
      return equal(selected, condition[2]);
    case '!=':
      return !equal(selected, condition[2]);
    case 'like':
      return typeof selected === 'string' && like(selected, condition[2]);
    case 'all':
    case 'any': {
      const results = children(selected)?.map((child) => evaluate(condition[2], child));
      if (!results) return undefined;
      return condition[0] === 'all' ? every(results) : some(results);
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return typeof selected === 'number' && compare(condition[0], selected, condition[2]);
  }
}

function compare(operator: '<' | '<=' | '>' | '>=', a: number, b: number): boolean {
  if (a === b) return operator === '<=' || operator === '>=';
  return a < b === (operator === '<' || operator === '<=');
}

// DAG-CBOR has one encoding of each value, so equal values are equal bytes.
function equal(a: Cbor, b: Cbor): boolean {
  return sameBytes(encodeCbor(a), encodeCbor(b));
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
