// Controls but line feed and tab, marks of direction and joining, what has no shape or no meaning.
const UNSEEN = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Text in which nothing hides: a mark that would turn the order of letters round, or that has no
 * shape, is shown by its number. For whatever a person is to sign for, wherever he reads it.
 */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (unit) => `\\u{${(unit.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same text as JSON, with the same value, in which nothing hides either. */
export function visibleJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.replaceAll(UNSEEN, (unit) => unit.split('').map(escaped).join(''));
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
