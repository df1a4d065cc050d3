import { claimsIn } from '@physiclaw/answer';
import type { Fact, Phrase } from '@physiclaw/contracts';

/** An output that a claim may stand in. */
export interface Source {
  readonly step: string;
  readonly artifact: string;
  readonly bytes: Uint8Array;
  readonly receipt: number;
}

/** Shown in the place of what no output holds. */
export const STRUCK = '▇▇▇';

/**
 * Cuts a model's own words to what the outputs hold: each figure, path and name becomes a fact with
 * the place where it stands, or is struck.
 */
export function cutProse(
  said: string,
  sources: readonly Source[],
): { prose: Phrase; facts: Fact[] } {
  // Nothing that a model writes moves a terminal's cursor or turns a line around.
  const text = said.replaceAll(/[^\P{Cc}\n]+|\p{Bidi_Control}+|[▇\u2028\u2029]+/gu, ' ').trim();
  const facts: Fact[] = [];
  const prose: Phrase = [];
  const plain = (words: string) => {
    const last = prose.at(-1);
    if (last && 'text' in last) last.text += words;
    else if (words !== '') prose.push({ text: words });
  };
  let at = 0;
  for (const { start, end } of claimsIn(text)) {
    plain(text.slice(at, start));
    const value = text.slice(start, end);
    const known = facts.find((fact) => fact.value === value);
    const fact = known ?? factOf(value, `f${facts.length + 1}`, sources);
    if (fact && !known) facts.push(fact);
    if (fact) prose.push({ fact: fact.id, shown: value });
    else plain(STRUCK);
    at = end;
  }
  plain(text.slice(at));
  return { prose, facts };
}

function factOf(value: string, id: string, sources: readonly Source[]): Fact | undefined {
  for (const { step, artifact, bytes, receipt } of sources.toReversed()) {
    const range = placeOf(value, bytes);
    if (range) return { id, name: 'token', value, step, parser: 'token', artifact, range, receipt };
  }
  return undefined;
}

/** Where a token stands by itself: `7` does not stand in `174`. */
function placeOf(value: string, bytes: Uint8Array): [number, number] | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = Buffer.byteLength(value);
  for (let at = buffer.indexOf(value); at >= 0; at = buffer.indexOf(value, at + 1)) {
    const before = buffer.subarray(Math.max(0, at - 2), at).toString('latin1');
    const after = buffer.subarray(at + length, at + length + 2).toString('latin1');
    if (startsHere(before) && endsHere(after)) return [at, at + length];
  }
  return undefined;
}

/** The outputs are JSON: a line's end in a text of them is a backslash and a letter. */
function startsHere(before: string): boolean {
  return /\\[nrtbf]$/.test(before) || !/[\w.\-/]$/.test(before);
}

function endsHere(after: string): boolean {
  return !/^[\w\-/]|^\.\w/.test(after);
}
