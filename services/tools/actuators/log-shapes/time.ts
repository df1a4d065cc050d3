const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAY_SECONDS = 86_400;

/** Each way in which logs write the time, and what its parts mean. A time without zone is local. */
const WAYS: readonly { pattern: RegExp; read: (parts: string[], now: number) => number }[] = [
  {
    // RFC 3339 and its relatives: 2026-11-21T12:00:00.123+01:00, 2026-11-21 12:00:00,123.
    pattern: /^\W{0,2}(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)([.,]\d+)?\s?(Z|[+-]\d\d:?\d\d)?\]?/,
    read: ([day, time, , zone = '']) =>
      seconds(`${day}T${time}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`),
  },
  {
    // RFC 3164, which has no year: Nov 21 12:00:00.
    pattern: /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)/,
    read: ([month, day, time], now) => withoutYear(`${month} ${day}`, time ?? '', now),
  },
  {
    // Common Log Format: [21/Nov/2026:12:00:00 +0000].
    pattern: /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\]/,
    read: ([day, month = '', year, time, hours, minutes]) =>
      seconds(`${year}-${numberOf(month)}-${day}T${time}${hours}:${minutes}`),
  },
  {
    // The kernel's audit records: msg=audit(1763722800.123:45).
    pattern: /audit\((\d{10})\.\d+:\d+\)/,
    read: ([epoch]) => Number(epoch),
  },
];

/** When a line was written, in seconds since 1970, and the line without it. */
export function timeOf(line: string, now: number): { at: number; rest: string } | undefined {
  for (const { pattern, read } of WAYS) {
    const [found, ...parts] = pattern.exec(line) ?? [];
    const at = found === undefined ? NaN : read(parts, now);
    if (found !== undefined && Number.isFinite(at))
      return { at, rest: line.replace(found, '').trim() };
  }
  return undefined;
}

/** The last such day that is not in the future. */
function withoutYear(day: string, time: string, now: number): number {
  const year = new Date(now * 1000).getFullYear();
  const at = seconds(`${day} ${year} ${time}`);
  return at > now + DAY_SECONDS ? seconds(`${day} ${year - 1} ${time}`) : at;
}

function numberOf(month: string): string {
  return String(MONTHS.indexOf(month) / 3 + 1).padStart(2, '0');
}

function seconds(text: string): number {
  return Math.floor(Date.parse(text) / 1000);
}
