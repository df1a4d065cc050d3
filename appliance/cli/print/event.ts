import type { LogEvent } from '@physiclaw/contracts';

/** What a reader looks for first, in this order; the rest is in `audit show`. */
const SHOWN = [
  'verb',
  'verdict',
  'status',
  'actuator',
  'check',
  'rule',
  'rules',
  'reason',
  'workload',
  'person',
  'principal',
  'by',
  'model',
  'finish',
  'token',
  'scopes',
  'decision',
  'request',
  'turn',
  'session',
] as const;

/** An event of the log in a line. */
export function shownEvent(event: LogEvent): string {
  const fields = new Map<string, unknown>(Object.entries(event));
  const words = SHOWN.flatMap((name) => {
    const text = wordOf(fields.get(name));
    if (text === '') return [];
    return name === 'decision' ? [`decision ${text}`] : [text];
  });
  return [event.kind.padEnd(9), ...words.slice(0, 5)].join(' ');
}

function wordOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string').join(',');
  if (typeof value !== 'string') return '';
  // A name of this trust domain is known by its end.
  return value.startsWith('spiffe://') ? value.split('/').slice(3).join('/') : value;
}
