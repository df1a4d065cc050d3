const LONGEST_WORD = 80;

/** What a call does, in a line. */
export function titleOf(actuator: string, given: Readonly<Record<string, unknown>>): string {
  const shown = Object.values(given).map((value) =>
    Array.isArray(value) ? value.join(' ') : wordOf(String(value)),
  );
  const line = [actuator, ...shown].join(' ').replaceAll(/[\s\p{Cc}]+/gu, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

// A title is one line: what is to be written into a file is not told there.
function wordOf(text: string): string {
  if (text.length <= LONGEST_WORD && !/[\n\r]/.test(text)) return text;
  return `(${Buffer.byteLength(text)} bytes)`;
}
