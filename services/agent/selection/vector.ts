import { createHash } from 'node:crypto';

export const DIMENSIONS = 1024;
const SHORTEST = 3;
const LONGEST = 5;

/**
 * A text as the counts of its runs of 3 to 5 letters, each at a place that its hash names: alike
 * for texts that are spelled alike, which is what forgives a wrong letter. Of length one.
 */
export function vectorOf(words: readonly string[]): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  for (const word of words) {
    const padded = `_${word}_`;
    for (let length = SHORTEST; length <= LONGEST; length += 1) {
      for (let at = 0; at + length <= padded.length; at += 1) {
        const place = placeOf(padded.slice(at, at + length));
        vector[place] = (vector[place] ?? 0) + 1;
      }
    }
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

function placeOf(run: string): number {
  return createHash('sha256').update(run).digest().readUInt16BE(0) % DIMENSIONS;
}
