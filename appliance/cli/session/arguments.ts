import type { ActuatorManifest } from '@physiclaw/contracts';
import { z } from 'zod';
import { exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';

const Property = z.looseObject({ type: z.string().optional() });
const Schema = z.looseObject({
  properties: z.record(z.string(), Property).default({}),
  'x-order': z.array(z.string()).default([]),
});

type Json = z.infer<ReturnType<typeof z.json>>;

/** @throws Failure ACTUATOR_UNKNOWN */
export function findActuator<Actuator extends Pick<ActuatorManifest, 'name'>>(
  actuators: readonly Actuator[],
  name: string,
): Actuator {
  const actuator = actuators.find((one) => one.name === name);
  if (actuator) return actuator;
  const known = actuators.map((one) => one.name).join(', ');
  const message = `expected one of ${known}; found ${name}`;
  throw new Failure('ACTUATOR_UNKNOWN', message, exitCodes.usage);
}

/**
 * Words of a command line as an actuator's arguments: `name=value` where the name is one of its
 * own, the others by position in its `x-order`; a list takes all the words that are left.
 *
 * @throws Failure ARGUMENT_UNEXPECTED, ARGUMENT_INVALID
 */
export function argumentsOf(
  actuator: ActuatorManifest,
  words: readonly string[],
): Record<string, Json> {
  const { properties, 'x-order': order } = Schema.parse(actuator.schema);
  const given: Record<string, Json> = {};
  for (const [at, word] of words.entries()) {
    const named = namedBy(word, properties);
    const name = named?.name ?? order.find((one) => !(one in given));
    if (name === undefined) throw unexpected(actuator.name, word, order);
    const { type } = properties[name] ?? {};
    if (named === undefined && type === 'array') return { ...given, [name]: words.slice(at) };
    given[name] = convert(name, type, named?.value ?? word);
  }
  return given;
}

function namedBy(word: string, properties: object): { name: string; value: string } | undefined {
  const [, name, value] = /^([a-z][A-Za-z_]*)=(.*)$/s.exec(word) ?? [];
  if (name === undefined || value === undefined || !Object.hasOwn(properties, name))
    return undefined;
  return { name, value };
}

function convert(name: string, type: string | undefined, value: string): Json {
  if (type === 'number' || type === 'integer') {
    const number = Number(value);
    if (value !== '' && Number.isFinite(number)) return number;
    throw invalid(name, 'a number', value);
  }
  if (type === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalid(name, 'true or false', value);
  }
  return type === 'array' ? [value] : value;
}

function invalid(name: string, expected: string, found: string): Failure {
  const message = `${name}: expected ${expected}, found ${JSON.stringify(found)}`;
  return new Failure('ARGUMENT_INVALID', message, exitCodes.usage);
}

function unexpected(actuator: string, word: string, order: readonly string[]): Failure {
  const message = `${actuator} takes ${order.join(' ') || 'no argument'}; found ${JSON.stringify(word)} besides`;
  return new Failure('ARGUMENT_UNEXPECTED', message, exitCodes.usage);
}
