import { stemOf, type Word, wordsOf } from './words.ts';

/** Words that mean the same here; the first of a row stands for all of them. */
export class Thesaurus {
  /** By its stem, the word that stands for a word. */
  readonly #first = new Map<string, string>();
  /** What is said in several words, such as `logged in`. */
  readonly #phrases: { readonly said: RegExp; readonly first: string }[] = [];

  constructor(rows: readonly (readonly string[])[]) {
    for (const [first = '', ...others] of rows) {
      for (const other of others) {
        if (!other.includes(' ')) this.#first.set(stemOf(other), first);
        else this.#phrases.push({ said: new RegExp(`\\b${other}\\b`, 'g'), first });
      }
    }
  }

  /** The words of a text, those that mean the same under one stem. */
  words(text: string): Word[] {
    const plain = this.#phrases.reduce(
      (sofar, { said, first }) => sofar.replaceAll(said, first),
      text.toLowerCase(),
    );
    return wordsOf(plain).map((word) => {
      const first = this.#first.get(word.stem);
      return first === undefined ? word : { ...word, plain: first, stem: stemOf(first) };
    });
  }
}
