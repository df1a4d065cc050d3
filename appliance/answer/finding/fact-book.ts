import type { Fact, Phrase } from '@physiclaw/contracts';
import { AnswerError } from '../error.ts';
import { format } from './format.ts';
import { find, type Names, type Placed } from './sheet.ts';

const UNIT: Readonly<Record<string, string>> = { bytes: 'B', percent: '%', seconds: 's' };
const PLACE = /\{([A-Za-z0-9_.]+)(?:\|([a-z]+))?\}/g;

/** The facts that an answer cites, each once, numbered in the order in which they are named. */
export class FactBook {
  readonly #facts = new Map<string, Fact>();

  get facts(): Fact[] {
    return [...this.#facts.values()];
  }

  /**
   * A phrase from its template: fixed words, and facts where it says `{path}` or `{path|format}`.
   *
   * @throws AnswerError ANSWER_PHRASE_INVALID when a path names no single value.
   */
  phrase(template: string, names: Names): Phrase {
    const phrase: Phrase = [];
    let at = 0;
    for (const match of template.matchAll(PLACE)) {
      const [place, path = '', shape] = match;
      if (match.index > at) phrase.push({ text: template.slice(at, match.index) });
      phrase.push(this.#cite(path, shape, names));
      at = match.index + place.length;
    }
    if (at < template.length) phrase.push({ text: template.slice(at) });
    return phrase;
  }

  #cite(path: string, shape: string | undefined, names: Names): Phrase[number] {
    const placed = find(names, path);
    const value = placed?.located.value;
    if (
      placed &&
      (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    ) {
      const { id } = this.#fact(placed, value, shape);
      return { fact: id, shown: format(value, shape) };
    }
    throw new AnswerError('ANSWER_PHRASE_INVALID', `{${path}} names no value`);
  }

  #fact({ sheet, located, path }: Placed, value: Fact['value'], shape: string | undefined): Fact {
    const [start, end] = located.range;
    const key = `${sheet.artifact}:${start}`;
    const unit = UNIT[shape ?? ''];
    const known = this.#facts.get(key);
    if (known) return known;
    const fact: Fact = {
      id: `f${this.#facts.size + 1}`,
      name: path,
      value,
      step: sheet.name,
      parser: sheet.parser,
      artifact: sheet.artifact,
      range: [start, end],
      receipt: sheet.receipt,
      ...(unit !== undefined && { unit }),
    };
    this.#facts.set(key, fact);
    return fact;
  }
}

/** The facts that a phrase cites. */
export function citedIn(phrase: Phrase | undefined): string[] {
  return (phrase ?? []).flatMap((part) => ('fact' in part ? [part.fact] : []));
}
