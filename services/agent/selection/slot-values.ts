import type { Runbook, Slot } from '@physiclaw/answer';
import { fits, type Slots } from '../runbook/slots.ts';

/** What a question fills in, and what it leaves open because it says two things. */
export interface Values {
  readonly slots: Slots;
  readonly open: readonly string[];
}

type SlotType = Slot['type'];

const PATH = /(?<![\p{L}\p{N}/])\/[^\s,;?!"“”']*/gu;
const DURATION =
  /\b(\d+|last|past) ?(s|sec|min|m|h|d|w|seconds?|secs|minutes?|mins|hours?|hrs?|days?|weeks?)\b/gi;
const NUMBER = /(?<![\p{L}\p{N}./:-])-?\d+(?:\.\d+)?(?![\p{L}\p{N}/:]|\.\d| ?(?:s|min|h|d|w)\b)/gu;
const QUOTED = /["“'‘]([^"”'’]{1,200})["”'’]/gu;
const NAMED =
  /\b(?:called|named|service|unit|process|program|mount|folder) +["“']?([\w.@:+-]{2,64})/gi;

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/^s/, 's'],
  [/^m/, 'min'],
  [/^h/, 'h'],
  [/^d/, 'd'],
  [/^w/, 'w'],
];

/**
 * Reads the values of slots off a question, by their types. The first slot of a type is the one
 * that a question fills; two values for it are one too many, and it stays open.
 */
export function valuesIn(text: string, runbooks: readonly Runbook[]): Values {
  const slots: Record<string, string> = {};
  const open: string[] = [];
  const seen = new Set<SlotType>();
  for (const [name, { type }] of runbooks.flatMap((runbook) => Object.entries(runbook.slots))) {
    if (seen.has(type)) continue;
    seen.add(type);
    const [value, ...others] = new Set(candidates(type, text).filter((one) => fits(type, one)));
    if (others.length > 0) open.push(name);
    else if (value !== undefined) slots[name] = value;
  }
  return { slots, open };
}

function candidates(type: SlotType, text: string): string[] {
  switch (type) {
    case 'path':
      return [...text.matchAll(PATH)].map(([path]) => path.replace(/(?<=.)[./:]+$/, ''));
    case 'duration':
      return [...text.matchAll(DURATION)].map(([, count = '', unit = '']) =>
        durationOf(count, unit),
      );
    case 'number':
      return [...text.replaceAll(DURATION, ' ').matchAll(NUMBER)].map(([number]) => number);
    case 'text':
      return [...text.matchAll(QUOTED)].map(([, quoted = '']) => quoted);
    case 'mount':
    case 'process':
    case 'unit':
      return [...text.matchAll(QUOTED), ...text.matchAll(NAMED)].map(([, name = '']) => name);
    default:
      return [];
  }
}

function durationOf(count: string, unit: string): string {
  const [, short = ''] = UNITS.find(([form]) => form.test(unit.toLowerCase())) ?? [];
  return `${/^\d/.test(count) ? Number(count) : 1}${short}`;
}
