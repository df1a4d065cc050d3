import type { Runbook, Slot } from '@physiclaw/answer';
import type { EventData } from '../turn/event-store.ts';
import { AgentError } from '../errors.ts';

export type Slots = Readonly<Record<string, string>>;
type Json = EventData[string];
type SlotType = Slot['type'];

const FORMS: Readonly<Record<SlotType, { form: RegExp; expected: string }>> = {
  path: { form: /^\/[^\0]{0,1023}$/, expected: 'an absolute path' },
  mount: { form: /^[a-z][a-z0-9-]{0,31}$/, expected: 'the name of a folder of the host' },
  process: { form: /^[\w.@:+-]{1,64}$/, expected: 'the name or number of a process' },
  unit: { form: /^[\w.@:\\-]{1,128}$/, expected: 'the name of a unit' },
  duration: { form: /^\d{1,6}(s|min|m|h|d|w)$/, expected: 'a duration such as 30min, 2h or 1d' },
  number: { form: /^-?\d{1,15}(\.\d{1,6})?$/, expected: 'a number' },
  text: { form: /^[^\0]{1,1024}$/s, expected: 'a text' },
};

const MINUTES: Readonly<Record<string, number>> = {
  s: 1 / 60,
  m: 1,
  min: 1,
  h: 60,
  d: 1440,
  w: 10_080,
};

export function fits(type: SlotType, value: string): boolean {
  return FORMS[type].form.test(value);
}

/**
 * What some runbooks are run with: what was given, else their defaults.
 *
 * @throws AgentError AGENT_SLOT_INVALID for a name that none has, a value of another type, or an
 *   open slot that has to be filled.
 */
export function fillSlots(runbooks: readonly Runbook[], given: Slots): Slots {
  const declared = new Map(runbooks.flatMap(({ slots }) => Object.entries(slots)));
  for (const name of Object.keys(given)) {
    if (!declared.has(name)) throw unknownSlot(name, [...declared.keys()]);
  }
  const filled: Record<string, string> = {};
  for (const [name, { type, title, default: usual, optional }] of declared) {
    const value = given[name] ?? usual;
    if (value !== undefined && fits(type, value)) filled[name] = value;
    else if (value !== undefined || !optional) throw wrong(name, title, { type, value });
  }
  return filled;
}

/** The slots that stay open where nothing but `given` is known: what a person has to be asked. */
export function openSlots({ slots }: Runbook, given: Slots): string[] {
  return Object.entries(slots)
    .filter(([name, slot]) => slot.default === undefined && !slot.optional && !(name in given))
    .map(([name]) => name);
}

/** A step's arguments with the values of slots in their places. */
export function fillArguments(
  given: EventData,
  { slots }: Runbook,
  values: Slots,
): { arguments: EventData; fromSlots: string[] } {
  const entries = Object.entries(given).map(([name, value]) => {
    const filled = fill(value, slots, values);
    return { name, filled, changed: JSON.stringify(filled) !== JSON.stringify(value) };
  });
  const kept = entries.filter(({ filled }) => filled !== undefined);
  return {
    arguments: Object.fromEntries(kept.map(({ name, filled = null }) => [name, filled])),
    fromSlots: kept.filter(({ changed }) => changed).map(({ name }) => name),
  };
}

function fill(value: Json, slots: Runbook['slots'], values: Slots): Json | undefined {
  if (typeof value === 'string') return fillText(value, slots, values);
  if (!Array.isArray(value)) return value;
  const filled = value.map((one) => fill(one, slots, values)).filter((one) => one !== undefined);
  // A list of nothing but open slots is open itself.
  return filled.length === 0 && value.length > 0 ? undefined : filled;
}

function fillText(text: string, slots: Runbook['slots'], values: Slots): Json | undefined {
  const [, only] = /^\{([a-z][a-z0-9]*)\}$/.exec(text) ?? [];
  if (only === undefined) {
    return text.replaceAll(/\{([a-z][a-z0-9]*)\}/g, (_, name: string) => values[name] ?? '');
  }
  const value = values[only];
  return value === undefined ? undefined : typed(value, slots[only]?.type);
}

function typed(value: string, type: SlotType | undefined): Json {
  if (type === 'number') return Number(value);
  if (type !== 'duration') return value;
  const [, count, unit = ''] = /^(\d+)([a-z]+)$/.exec(value) ?? [];
  return Math.max(1, Math.round(Number(count) * (MINUTES[unit] ?? 1)));
}

function unknownSlot(name: string, known: readonly string[]): AgentError {
  const message = `there is no slot ${name}; known are ${known.join(', ') || 'none'}`;
  return new AgentError('AGENT_SLOT_INVALID', message);
}

function wrong(
  name: string,
  title: string,
  { type, value }: { type: SlotType; value: string | undefined },
): AgentError {
  const found = value === undefined ? 'nothing' : JSON.stringify(value);
  const message = `${name} (${title}): expected ${FORMS[type].expected}, found ${found}`;
  return new AgentError('AGENT_SLOT_INVALID', message);
}
