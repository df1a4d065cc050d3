/** What surely ends one question, and what may. */
const ENDS = /[?!;\n]+|\.(?=\s|$)|,?\s+(?:and\s+)?(?:then|afterwards|after that)\b,?/i;
const MAY_END =
  /,\s*(?:and|or|but|plus|also)?\s+|\s+(?:and also|as well as|and|or|but|plus|also|&)\s+/i;

/** The parts of a question: each with the places at which it may be two. */
export function partsOf(question: string): string[][] {
  return question
    .split(ENDS)
    .map((part) =>
      part
        .split(MAY_END)
        .map((text) => text.trim())
        .filter(Boolean),
    )
    .filter((fragments) => fragments.length > 0);
}
