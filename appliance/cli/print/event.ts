import { type LogEvent, tellingFields } from '@physiclaw/contracts';

/** An event of the log in a line. */
export function shownEvent(event: LogEvent): string {
  const words = tellingFields(event).flatMap(([name, value]) => {
    const text = wordOf(value);
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
