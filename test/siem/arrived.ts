import { hashLeaf } from '@physiclaw/proof';
import { parseMessage } from '#test/services/siem/parse-message.ts';

/** What a receiver has of a log. */
export interface Arrived {
  /** Messages that carry an entry. */
  readonly messages: number;
  /** Entries that came more than once count once. */
  readonly entries: number;
  readonly duplicates: number;
  /** Indices below the newest that never came. */
  readonly missing: number;
  /** Entries whose text is not what its leaf hash says, though nothing says that it was cut. */
  readonly torn: number;
  readonly cut: number;
  readonly heartbeats: number;
  /** What could not be read: a line that the receiver's end cut off. */
  readonly unreadable: number;
}

/** Reads every message; `look` is shown each entry. */
export async function countArrived(
  lines: AsyncIterable<string>,
  look: (entry: ReturnType<typeof parseMessage>, index: number) => void = () => undefined,
): Promise<Arrived> {
  const seen: boolean[] = [];
  const counts = { messages: 0, duplicates: 0, torn: 0, cut: 0, heartbeats: 0, unreadable: 0 };
  for await (const line of lines) {
    const message = read(line);
    if (message === undefined) counts.unreadable += 1;
    else if (message.id === 'checkpoint') counts.heartbeats += 1;
    else {
      const index = Number(message.data['index']);
      counts.messages += 1;
      if (seen[index]) counts.duplicates += 1;
      seen[index] = true;
      if (message.data['bytes'] !== undefined) counts.cut += 1;
      else if (leafOf(message.text) !== message.data['leaf']) counts.torn += 1;
      look(message, index);
    }
  }
  const entries = counts.messages - counts.duplicates;
  return { ...counts, entries, missing: seen.length - entries };
}

/** The leaf hash of an entry, as messages carry it. */
export function leafOf(entry: string): string {
  return Buffer.from(hashLeaf(Buffer.from(entry))).toString('base64');
}

/** A receiver that is killed while it writes leaves a part of a message in front of the next. */
function read(line: string): ReturnType<typeof parseMessage> | undefined {
  try {
    return parseMessage(line.slice(Math.max(0, line.lastIndexOf('<1'))));
  } catch {
    return undefined;
  }
}
