/**
 * Whether a text matches a pattern whose `*` stands for any characters and whose `\*` for an
 * asterisk. Written out, since a regular expression with many wildcards takes exponential time.
 */
export function like(text: string, pattern: string): boolean {
  const [first = '', ...rest] = literalsOf(pattern);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let at = first.length;
  // Taking each literal at its first place leaves the most room for those after it.
  for (const literal of rest) {
    const found = text.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return at <= end && text.endsWith(last);
}

/** The texts between the wildcards. */
function literalsOf(pattern: string): string[] {
  return pattern.split(/(?<!\\)\*/).map((literal) => literal.replaceAll(String.raw`\*`, '*'));
}
