/** What differs between two lines that say the same, the longer things first. */
const VARIABLE: readonly [RegExp, string][] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/gi, '<mac>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<ip>'],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])/gi, '<ip>'],
  [/(?<![\w/<])\/(?:[\w.@+-]+\/)+[\w.@+-]*/g, '<path>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
];
const LONGEST = 1000;

/** A line with its variable parts named, as words. */
export function wordsOf(line: string): string[] {
  const masked = VARIABLE.reduce(
    (text, [pattern, name]) => text.replaceAll(pattern, name),
    line.slice(0, LONGEST),
  );
  return masked.split(/\s+/).filter((word) => word !== '');
}

const LEVELS: readonly [string, RegExp][] = [
  [
    'error',
    /\b(?:emerg|alert|crit(?:ical)?|err(?:or)?s?|fatal|panic|fail(?:ed|ure|s)?|segfault|oom)\b/i,
  ],
  ['warning', /\b(?:warn(?:ing)?s?|deprecated|timeout|timed out|refused|denied|retry(?:ing)?)\b/i],
];

/** Long lines are lists: what they name says nothing about them. */
const TOLD_EARLY = 200;

/** How bad a line sounds: by its words, since most logs do not say. */
export function levelOf(line: string): string {
  return LEVELS.find(([, words]) => words.test(line.slice(0, TOLD_EARLY)))?.[0] ?? 'info';
}
