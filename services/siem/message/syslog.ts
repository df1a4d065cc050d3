import { hostname } from 'node:os';

/** Severities of RFC 5424 that are used here. */
const severities = { alert: 1, warning: 4, informational: 6 } as const;

export interface Message {
  readonly severity: keyof typeof severities;
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
  /** What kind of message it is: 32 printable characters of ASCII at most, no space. */
  readonly id: string;
  readonly data: Readonly<Record<string, string | number>>;
  readonly text: string;
}

export interface Format {
  /** The name of this machine, as `hostField` has it. */
  readonly host: string;
  /** Bytes of the longest message. */
  readonly limit: number;
}

const AUDIT = 13;
// The number that RFC 5612 keeps for examples: this product has none of its own.
const DATA_ID = 'physiclaw@32473';
const NIL = '-';
const END_OF_YEAR_9999 = 253_402_300_800_000;

/**
 * One message of RFC 5424, in UTF-8 without a byte order mark: receivers keep that as text.
 *
 * One that would be longer than the limit ends early, between two characters; `bytes` then says
 * how long its text was. Structured data is never cut.
 */
export function formatMessage(message: Message, { host, limit }: Format): Buffer {
  const text = Buffer.from(message.text);
  const head = headOf(message, host, message.data);
  if (head.length + text.length <= limit) return Buffer.concat([head, text]);
  const cutHead = headOf(message, host, { ...message.data, bytes: text.length });
  return Buffer.concat([cutHead, text.subarray(0, boundaryBelow(text, limit - cutHead.length))]);
}

/** The field HOSTNAME: the name of this machine, or nothing where that cannot be said in it. */
export function hostField(name = hostname()): string {
  return /^[!-~]{1,255}$/.test(name) ? name : NIL;
}

function headOf({ severity, time, id }: Message, host: string, data: Message['data']): Buffer {
  const priority = AUDIT * 8 + severities[severity];
  const name = /^[!-~]{1,32}$/.test(id) ? id : NIL;
  const parameters = Object.entries(data)
    .map(([key, value]) => ` ${key}="${String(value).replaceAll(/["\\\]]/g, '\\$&')}"`)
    .join('');
  const fields = `${timestamp(time)} ${host} physiclaw ${NIL} ${name}`;
  return Buffer.from(`<${priority}>1 ${fields} [${DATA_ID}${parameters}] `);
}

function timestamp(time: number | undefined): string {
  const isSayable = time !== undefined && time >= 0 && time < END_OF_YEAR_9999;
  return isSayable ? new Date(time).toISOString() : NIL;
}

/** The largest place up to `at` where no character of UTF-8 is torn. */
function boundaryBelow(text: Buffer, at: number): number {
  let place = Math.max(0, Math.min(at, text.length));
  while (place > 0 && ((text[place] ?? 0) & 0xc0) === 0x80) place -= 1;
  return place;
}
