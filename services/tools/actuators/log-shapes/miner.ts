import { levelOf, wordsOf } from './template.ts';

/** A line of a log, as whoever reads the log hands it on. */
export interface Line {
  readonly source: string;
  readonly text: string;
  /** Seconds since 1970, where the line tells. */
  readonly at: number | undefined;
  readonly level?: string;
}

/** Lines that say the same. */
export type Shape = {
  readonly source: string;
  readonly template: string;
  readonly level: string;
  readonly count: number;
  readonly recentCount: number;
  readonly earlierCount: number;
  /** Not seen before the recent window, though the log reaches back. */
  readonly new: boolean;
  /** How many times as often as before; 0 where there is no before. */
  readonly burstRatio: number;
  /** Often enough, and so much more than before, that chance does not explain it. */
  readonly bursting: boolean;
  readonly firstUnixSeconds?: number;
  readonly lastUnixSeconds?: number;
  readonly example: string;
};

/** The moments that part earlier from recent from not yet, in seconds since 1970. */
export interface Window {
  readonly from: number;
  readonly recentFrom: number;
  readonly until: number;
}

interface Cluster {
  words: string[];
  readonly level: string;
  readonly example: string;
  readonly source: string;
  readonly counts: { all: number; recent: number; earlier: number };
  first: number;
  last: number;
}

const SIMILAR = 0.6;
const BURST_RATIO = 3;
const BURST_COUNT = 10;
const ANY = '<*>';
const MOST_CLUSTERS = 5000;
const EXAMPLE_CHARACTERS = 300;
const TEMPLATE_CHARACTERS = 400;

/**
 * Template mining as Drain does it (He et al., 2017): lines of one source with as many words and the
 * same first word are compared word by word, and where they differ the template gets a gap.
 */
export class Miner {
  readonly #window: Window;
  readonly #groups = new Map<string, Cluster[]>();
  readonly #begins = new Map<string, number>();
  #clusters = 0;
  lines = 0;
  /** Lines of shapes that came when there was room for no more. */
  unsorted = 0;

  constructor(window: Window) {
    this.#window = window;
  }

  add(line: Line): void {
    const { at, source } = line;
    if (at !== undefined && (at < this.#window.from || at > this.#window.until)) return;
    this.lines += 1;
    const cluster = this.#clusterOf(line);
    if (cluster === undefined) {
      this.unsorted += 1;
      return;
    }
    cluster.counts.all += 1;
    if (at === undefined) return;
    cluster.counts[at >= this.#window.recentFrom ? 'recent' : 'earlier'] += 1;
    cluster.first = Math.min(cluster.first, at);
    cluster.last = Math.max(cluster.last, at);
    this.#begins.set(source, Math.min(this.#begins.get(source) ?? Infinity, at));
  }

  /** All shapes; those that are new or more than before come first, then the recent, the worse, the more. */
  shapes(): Shape[] {
    const shapes = [...this.#groups.values()].flat().map((cluster) => this.#shapeOf(cluster));
    const rank = (shape: Shape) => [
      shape.new || shape.bursting ? 0 : 1,
      shape.recentCount > 0 ? 0 : 1,
      ['error', 'warning', 'info'].indexOf(shape.level),
      -shape.recentCount,
      -shape.count,
    ];
    return shapes.toSorted(
      (a, b) =>
        compare(rank(a), rank(b)) ||
        (`${a.source} ${a.template}` < `${b.source} ${b.template}` ? -1 : 1),
    );
  }

  #clusterOf({ source, text, level = levelOf(text) }: Line): Cluster | undefined {
    const words = wordsOf(text);
    const key = `${source}\0${level}\0${words.length}\0${words[0]}`;
    const group = this.#groups.get(key) ?? [];
    this.#groups.set(key, group);
    const alike = group.find((cluster) => similarity(cluster.words, words) >= SIMILAR);
    if (alike !== undefined) {
      alike.words = alike.words.map((word, at) => (word === words[at] ? word : ANY));
      return alike;
    }
    if (this.#clusters >= MOST_CLUSTERS) return undefined;
    this.#clusters += 1;
    const counts = { all: 0, recent: 0, earlier: 0 };
    const example = text.slice(0, EXAMPLE_CHARACTERS);
    const cluster = { words, level, example, source, counts, first: Infinity, last: -Infinity };
    group.push(cluster);
    return cluster;
  }

  #shapeOf({ words, counts, first, last, ...cluster }: Cluster): Shape {
    const { recentFrom, until } = this.#window;
    const earlierSeconds = recentFrom - (this.#begins.get(cluster.source) ?? Infinity);
    const before = counts.earlier / earlierSeconds;
    const now = counts.recent / (until - recentFrom);
    const burstRatio = before > 0 ? Math.round((now / before) * 10) / 10 : 0;
    return {
      source: cluster.source,
      template: words.join(' ').slice(0, TEMPLATE_CHARACTERS),
      level: cluster.level,
      count: counts.all,
      recentCount: counts.recent,
      earlierCount: counts.earlier,
      new: counts.recent > 0 && counts.earlier === 0 && earlierSeconds > 0,
      burstRatio,
      bursting: burstRatio >= BURST_RATIO && counts.recent >= BURST_COUNT,
      ...(Number.isFinite(first) && { firstUnixSeconds: first, lastUnixSeconds: last }),
      example: cluster.example,
    };
  }
}

/** The share of words in which two lines of one length agree. */
function similarity(a: readonly string[], b: readonly string[]): number {
  const same = a.filter((word, at) => word === b[at]).length;
  return a.length === 0 ? 1 : same / a.length;
}

function compare(a: readonly number[], b: readonly number[]): number {
  return a.map((value, at) => value - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
