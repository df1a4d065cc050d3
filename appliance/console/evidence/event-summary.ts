import { type LogEvent, tellingFields } from '@physiclaw/contracts';
import type { Tone } from '../part/badge.tsx';

const MOST_WORDS = 3;

/** An event of the log in a few words. */
export function summaryOf(event: LogEvent): string {
  const words = tellingFields(event).flatMap(([name, value]) => {
    const word = wordOf(value);
    if (word === '') return [];
    return name === 'decision' ? [`decision ${word}`] : [word];
  });
  return words.slice(0, MOST_WORDS).join(' · ');
}

/** How an event is to be seen: what stopped something stands out. */
export function toneOf(event: LogEvent): Tone {
  if (event.kind === 'kill') return 'critical';
  if (event.kind === 'refusal') return 'warning';
  if (event.kind === 'decision') return VERDICTS[event.verdict];
  if (event.kind === 'outcome') return event.status === 'ok' ? 'ok' : 'warning';
  if (event.kind !== 'approval') return 'plain';
  return event.signed.statement.verdict === 'approve' ? 'ok' : 'warning';
}

const VERDICTS = { allow: 'ok', ask: 'notice', deny: 'warning' } as const;

function wordOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string').join(', ');
  if (typeof value !== 'string') return '';
  return shortName(value);
}

/** A name of a trust domain is known by its end, an identifier by its beginning. */
export function shortName(name: string): string {
  if (name.startsWith('spiffe://')) return name.split('/').slice(3).join('/');
  return /^[a-z]-[0-9a-f]{32}$/.test(name) ? name.slice(0, 10) : name;
}
