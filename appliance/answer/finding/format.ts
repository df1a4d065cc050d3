import { AnswerError } from '../error.ts';

type Scalar = string | number | boolean;

const LONG = 160;
const SHORT = 60;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** How a value may be shown. Each is a function of the value alone, so that it can be done again. */
const numbers: Readonly<Record<string, (value: number) => string>> = {
  bytes: (value) => {
    const power = value < 1000 ? 0 : Math.min(5, Math.floor(Math.log10(value) / 3));
    const scaled = value / 1000 ** power;
    return `${power === 0 ? scaled : scaled.toPrecision(3)} ${UNITS[power]}`;
  },
  percent: (value) => `${Math.round(value * 10) / 10} %`,
  seconds: (value) => {
    if (value < 120) return `${Math.round(value * 10) / 10} s`;
    if (value < 7200) return `${Math.round(value / 60)} min`;
    return value < 172_800 ? `${Math.round(value / 3600)} h` : `${Math.round(value / 86_400)} d`;
  },
  time: (value) => new Date(value * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
  times: (value) => `${Math.round(value * 10) / 10}×`,
};

/** @throws AnswerError ANSWER_PHRASE_INVALID for a format that does not exist or does not fit. */
export function format(value: Scalar, name: string | undefined): string {
  if (name === undefined) return oneLine(String(value), LONG);
  if (name === 'short' && typeof value === 'string') return oneLine(value, SHORT);
  const known = numbers[name];
  if (known && typeof value === 'number') return known(value);
  const message = `expected short of a text, or of a number one of ${Object.keys(numbers).join(', ')}; found ${name} of a ${typeof value}`;
  throw new AnswerError('ANSWER_PHRASE_INVALID', message);
}

/** Text from outside stays on its line and moves no terminal's cursor. */
function oneLine(text: string, most: number): string {
  const shown = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ');
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown;
}
