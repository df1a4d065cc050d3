/**
 * The known word that was most likely meant: one slip away, or two in a long word. A slip in the
 * first letter is none that a hand makes, and would turn too many words into each other.
 */
export function meant(word: string, known: Iterable<string>): string | undefined {
  const allowed = word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
  let best: { word: string; slips: number } | undefined;
  for (const candidate of known) {
    if (!mayBe(candidate, word, allowed)) continue;
    const slips = slipsBetween(word, candidate);
    if (slips <= allowed && slips < (best?.slips ?? Infinity)) best = { word: candidate, slips };
  }
  return best?.word;
}

function mayBe(candidate: string, word: string, allowed: number): boolean {
  return (
    allowed > 0 &&
    candidate.length >= 4 &&
    candidate[0] === word[0] &&
    Math.abs(candidate.length - word.length) <= allowed
  );
}

/** Letters that are wrong, missing, too many, or two that changed places (Damerau, 1964). */
function slipsBetween(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swapped =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) + 1 : Infinity;
      const wrong = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, wrong, swapped));
    }
    before = row;
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], place: number): number {
  return row[place] ?? Infinity;
}
