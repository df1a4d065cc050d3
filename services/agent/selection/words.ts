const STEM_LETTERS = 6;

/** Words that say nothing of what is asked for. */
const EMPTY = new Set(
  (
    'a about again all also am an and any anybody anything are as at be been being but by can ' +
    'could day days did do does doing else every everybody for from get gets give got had ' +
    'happen happened has have he her here him his hour hours how i if in into is it its just ' +
    'keep kind last lately let like list look looks may me might minute minutes month months ' +
    'more most much my need night now of off on once one or other ought our out over per ' +
    'please pls plz put right same see she should show so some somebody something take taken ' +
    'takes taking tell than that the their them then there these they thing things this those ' +
    'through to today tonight too us very want was we week weeks were what whats when where ' +
    'which who whom whose why will with would yesterday you your'
  ).split(' '),
);

/** Endings that change a word's form and not what it names, the longer ones first. */
const ENDINGS = [
  'ations',
  'ation',
  'ings',
  'ing',
  'ies',
  'ied',
  'ers',
  'er',
  'ed',
  'es',
  's',
  'y',
  'e',
];

/** A path is what a slot holds, not what a question is about. */
const PATH = /(?<![\p{L}\p{N}])\/[^\s,;?!]*/gu;

/** A word of a question as it was typed, and the stem by which it is found. */
export interface Word {
  readonly text: string;
  /** The word that stands for it and for all that mean the same. */
  readonly plain: string;
  readonly stem: string;
}

/** The words of a text that say something; the text is in small letters. */
export function wordsOf(text: string): Word[] {
  const plain = text.replaceAll(PATH, ' ').replaceAll(/['’]/g, '');
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words
    .filter((word) => !EMPTY.has(word))
    .map((word) => ({ text: word, plain: word, stem: stemOf(word) }));
}

/** The first letters of a word without its ending: `processes` and `processing` are one. */
export function stemOf(word: string): string {
  const ending = ENDINGS.find((end) => word.endsWith(end) && word.length - end.length >= 3);
  const root = ending === undefined ? word : word.slice(0, -ending.length);
  return root.replace(/(.)\1$/, '$1').slice(0, STEM_LETTERS);
}

export function isEmpty(word: string): boolean {
  return EMPTY.has(word);
}

export function emptyWords(): readonly string[] {
  return [...EMPTY];
}
