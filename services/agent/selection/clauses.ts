/** What surely ends one question, and what may. */
const ENDS = /[?!;\n]+|\.(?=\s|$)|,?\s+(?:and\s+)?(?:then|afterwards|after that)\b,?/i;
const MAY_END =
  /,\s*(?:and|or|but|plus|also)?\s+|\s+(?:and also|as well as|and|or|but|plus|also|&)\s+/i;

const MOST = 16;

/**
 * The parts of a question, each with the places at which it may be two. Of a flood of fragments
 * those beyond the sixteenth are one: nobody waits for the thousandth to be looked up.
 */
export function partsOf(question: string): string[][] {
  const parts = question.split(ENDS).map(fragmentsOf);
  const kept: string[][] = [];
  let room = MOST - 1;
  for (const part of parts) {
    kept.push(part.slice(0, room));
    room -= Math.min(part.length, room);
  }
  const rest = parts.flat().slice(MOST - 1);
  return [...kept, rest.length > 0 ? [rest.join(', ')] : []].filter(({ length }) => length > 0);
}

function fragmentsOf(part: string): string[] {
  return part
    .split(MAY_END)
    .map((text) => text.trim())
    .filter(Boolean);
}
