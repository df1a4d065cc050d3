// Controls but line feed and tab, marks of direction and joining, what has no shape or no meaning.
const UNSEEN = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Text in which nothing hides: a mark that would turn the order of letters round, or that has no
 * shape, is shown by its number. For whatever a person is to sign for.
 */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (unit) => `\\u{${(unit.codePointAt(0) ?? 0).toString(16)}}`);
}
