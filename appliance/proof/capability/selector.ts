import { type Cbor, isList, isMap } from '../encoding/dag-cbor.ts';

const STEP = String.raw`(?:\.[A-Za-z_]\w*|\.?\[(?:"[^"\\]*"|-?\d+|-?\d*:-?\d*)?\])\??`;
const SELECTOR = new RegExp(String.raw`^(?:\.|(?=\.)(?:${STEP})+)$`);
const STEPS = new RegExp(STEP, 'g');

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

/** The members of a list or a map; undefined for a value that has none. */
export function children(value: Cbor): readonly Cbor[] | undefined {
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
  const [start, end] = bracket
    .split(':')
    .map((bound) => (bound === '' ? undefined : Number(bound)));
  return value.slice(start, end);
}

function member(value: Cbor, key: string): Cbor | undefined {
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
