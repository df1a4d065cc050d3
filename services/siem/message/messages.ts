import type { Accepted } from '@physiclaw/platform';
import { encodeBase64 } from '@physiclaw/proof';
import { z } from 'zod';
import type { Entry } from '../log/history.ts';
import type { Message } from './syslog.ts';

// The log's proof says that these are its bytes; what else they may be, no message depends on.
const Head = z.object({
  time: z.number(),
  unmapped: z.object({ event: z.object({ kind: z.string(), verdict: z.string().optional() }) }),
});
type Head = z.infer<typeof Head>;

const WARNINGS = new Set(['kill', 'refusal']);

/**
 * An entry of the log, whole: entries are metadata, and name prompts and arguments by digest only.
 * `size` is the tree that the entry was proven to be in.
 */
export function entryMessage({ index, text, leaf }: Entry, size: number): Message {
  const { time, unmapped } = headOf(text) ?? {};
  return {
    severity: isWarning(unmapped?.event) ? 'warning' : 'informational',
    time,
    id: unmapped?.event.kind ?? '',
    data: { index, size, leaf: encodeBase64(leaf) },
    text,
  };
}

/** Says that this machine still speaks, how long its log is and what comes next. */
export function heartbeat({ note, size }: Accepted, next: number, time: number): Message {
  return {
    severity: 'informational',
    time,
    id: 'checkpoint',
    data: { size, next, checkpoint: inData(note) },
    text: `the log has ${size} entries, the next one to come here is ${next}`,
  };
}

/** The last message of a log that is not the one that it was. */
export function forkAlert(accepted: string, found: string, time: number): Message {
  return {
    severity: 'alert',
    time,
    id: 'fork',
    data: { checkpoint: inData(accepted), found: inData(found) },
    text: 'the log is not the one that was exported so far: nothing more comes; keep what you have',
  };
}

/** Notes have lines, and receivers change line feeds: `base64 -d` gives the note as it was signed. */
function inData(note: string): string {
  return encodeBase64(Buffer.from(note));
}

function isWarning(event: Head['unmapped']['event'] | undefined): boolean {
  return event !== undefined && (WARNINGS.has(event.kind) || event.verdict === 'deny');
}

function headOf(text: string): Head | undefined {
  try {
    return Head.safeParse(JSON.parse(text)).data;
  } catch {
    // Sent all the same: what the log holds is to be seen elsewhere too.
    return undefined;
  }
}
