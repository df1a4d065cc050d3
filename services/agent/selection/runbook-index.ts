import type { Runbook } from '@physiclaw/answer';
import { type Database, openDatabase } from '@physiclaw/platform';
import { load } from 'sqlite-vec';
import { meant } from './spelling.ts';
import type { Thesaurus } from './thesaurus.ts';
import { DIMENSIONS, vectorOf } from './vector.ts';
import { emptyWords, isEmpty, type Word } from './words.ts';

/** How near a runbook is to some words: 0 to 1. */
export interface Match {
  readonly runbook: Runbook;
  readonly score: number;
  /** Words, as they were typed, that stand in the runbook too, and those that do not. */
  readonly words: readonly string[];
  readonly foreign: readonly string[];
}

/** How much each of the two ways of looking counts; they sum to one. */
const BY_WORDS = 0.6;
const BY_LETTERS = 0.4;
/** A clause of more is a flood, and its rest says nothing. */
const MOST_WORDS = 64;

/**
 * Finds runbooks by their example questions, without weights: by words (BM25 of SQLite's FTS5 over
 * stems) and by letters (cosine of hashed n-grams in sqlite-vec), added up. The same question and
 * the same runbooks give the same answer everywhere.
 */
export class RunbookIndex implements Disposable {
  readonly #db: Database;
  readonly #runbooks: readonly Runbook[];
  readonly #thesaurus: Thesaurus;
  /** How many texts there are, and in how many of them each stem stands. */
  #texts = 0;
  readonly #count = new Map<string, number>();
  /** In which runbooks each stem stands. */
  readonly #stems = new Map<string, Set<number>>();
  /** Each word of the runbooks, and its stem. */
  readonly #words = new Map<string, string>();

  constructor(runbooks: readonly Runbook[], thesaurus: Thesaurus) {
    this.#runbooks = runbooks;
    this.#thesaurus = thesaurus;
    this.#db = openDatabase(':memory:', []);
    load(this.#db);
    this.#db.exec(`
      CREATE VIRTUAL TABLE said USING fts5 (book UNINDEXED, stems, tokenize = 'unicode61');
      CREATE VIRTUAL TABLE spelled USING vec0 (
        book INTEGER, vector FLOAT[${DIMENSIONS}] distance_metric=cosine
      );
    `);
    for (const [at, runbook] of runbooks.entries()) this.#add(at, runbook);
  }

  /** Every runbook with how near it is, the nearest first. */
  match(text: string): Match[] {
    const words = this.#understood(text);
    const byWords = this.#byWords(words);
    const byLetters = this.#byLetters(words);
    return this.#runbooks
      .map((runbook, at) => ({
        runbook,
        score: BY_WORDS * (byWords.get(at) ?? 0) + BY_LETTERS * (byLetters.get(at) ?? 0),
        words: words.filter((word) => this.#stands(word, at)).map(({ text: typed }) => typed),
        foreign: words.filter((word) => !this.#stands(word, at)).map(({ text: typed }) => typed),
      }))
      .toSorted((a, b) => b.score - a.score || (a.runbook.id < b.runbook.id ? -1 : 1));
  }

  /** Whether a word stands in a runbook. */
  knows(word: string): boolean {
    return this.#words.has(word) || isEmpty(word);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #stands({ stem }: Word, at: number): boolean {
    return this.#stems.get(stem)?.has(at) ?? false;
  }

  #add(at: number, { title, asks }: Runbook): void {
    const insertWords = this.#db.prepare('INSERT INTO said (book, stems) VALUES (?, ?)');
    const insertLetters = this.#db.prepare('INSERT INTO spelled (book, vector) VALUES (?, ?)');
    for (const words of [title, ...asks].map((text) => this.#thesaurus.words(text))) {
      this.#texts += 1;
      const stems = new Set(words.map(({ stem }) => stem));
      for (const stem of stems) this.#count.set(stem, (this.#count.get(stem) ?? 0) + 1);
      for (const { text, stem } of words) {
        this.#words.set(text, stem);
        this.#stems.set(stem, (this.#stems.get(stem) ?? new Set()).add(at));
      }
      insertWords.run(at, [...stems].join(' '));
      insertLetters.run(BigInt(at), bytesOf(vectorOf(words.map(({ plain }) => plain))));
    }
  }

  /** The words of a question, those that were misspelled by what they were likely meant to be. */
  #understood(text: string): Word[] {
    const known = [...this.#words.keys(), ...emptyWords()];
    const words = this.#thesaurus.words(text).slice(0, MOST_WORDS);
    return words.flatMap((word) => {
      if (this.#stems.has(word.stem)) return [word];
      const right = meant(word.text, known);
      if (right === undefined) return [word];
      return isEmpty(right) ? [] : [{ ...word, stem: this.#words.get(right) ?? word.stem }];
    });
  }

  /** Of each word the best text of a runbook counts, at most as much as the word is rare. */
  #byWords(words: readonly Word[]): Map<number, number> {
    const found = new Map<number, number>();
    const stems = [...new Set(words.map(({ stem }) => stem))];
    const whole = stems.reduce((sum, stem) => sum + this.#rarity(stem), 0);
    const search = this.#db.prepare<[string], { book: number; rank: number }>(
      'SELECT book, rank FROM said WHERE stems MATCH ? ORDER BY rank',
    );
    for (const stem of stems) {
      const best = new Map<number, number>();
      for (const { book, rank } of search.all(`stems : "${stem}"`)) {
        if (!best.has(book)) best.set(book, Math.min(-rank, this.#rarity(stem)) / whole);
      }
      for (const [book, part] of best) found.set(book, (found.get(book) ?? 0) + part);
    }
    return found;
  }

  /** BM25's inverse document frequency, as FTS5 has it; a word that is nowhere is the rarest. */
  #rarity(stem: string): number {
    const count = this.#count.get(stem) ?? 0;
    return Math.max(1e-6, Math.log((this.#texts - count + 0.5) / (count + 0.5)));
  }

  #byLetters(words: readonly Word[]): Map<number, number> {
    const vector = vectorOf(words.map(({ plain }) => plain));
    if (vector.every((value) => value === 0)) return new Map();
    const rows = this.#db
      .prepare<[Buffer, number], { at: number; distance: number }>(
        'SELECT book AS at, distance FROM spelled WHERE vector MATCH ? AND k = ? ORDER BY distance',
      )
      .all(bytesOf(vector), 4096);
    const nearest = new Map<number, number>();
    for (const { at, distance } of rows) {
      if (!nearest.has(at)) nearest.set(at, Math.max(0, 1 - distance));
    }
    return nearest;
  }
}

function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
