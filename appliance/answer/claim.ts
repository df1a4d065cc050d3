/** A stretch of a text that says something which has to be a fact. */
export interface Claim {
  readonly start: number;
  readonly end: number;
}

const TOKEN = /[^\s,;!?()[\]{}<>"“”„'‘’`«»|=]+/gu;
const NUMBER_WORDS = new Set(
  (
    'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
    'seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred ' +
    'hundreds thousand thousands million millions billion billions half dozen dozens twice double ' +
    'triple quarter'
  ).split(' '),
);
/** What is written in capitals and names nothing in particular. */
const COMMON = new Set('CPU RAM I/O OK OS ID'.split(' '));

/**
 * The figures, paths and names in a text: tokens with a digit or a sign that words do not have,
 * numbers in words, and what is written in capitals. A name in small letters, or one that begins a
 * sentence, is not seen.
 */
export function claimsIn(text: string): Claim[] {
  return [...text.matchAll(TOKEN)].flatMap((match) => {
    const token = match[0].replace(/[.:…-]+$/u, '');
    const begins = /(^|[.!?:\n•*-])[\s"“„'‘(]*$/u.test(text.slice(0, match.index));
    const start = match.index;
    return isClaim(token, begins) ? [{ start, end: start + token.length }] : [];
  });
}

/** Whether a text holds a figure, a path or a name: what has to be a fact. */
export function hasClaim(text: string): boolean {
  return claimsIn(text).length > 0;
}

function isClaim(token: string, beginsSentence: boolean): boolean {
  if (token === '' || COMMON.has(token)) return false;
  if (/[\p{N}/@\\~_:$%#&*+^▇]|\p{L}\.\p{L}|^\.\p{L}/u.test(token)) return token !== '▇▇▇';
  if (
    token
      .toLowerCase()
      .split('-')
      .some((word) => NUMBER_WORDS.has(word))
  )
    return true;
  if (/\p{Ll}\p{Lu}|^\p{Lu}{2,}/u.test(token)) return true;
  return !beginsSentence && /^\p{Lu}\p{L}/u.test(token);
}
