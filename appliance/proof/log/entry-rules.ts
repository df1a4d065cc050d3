import { LogEntry, reporters } from '@physiclaw/contracts';
import { MAX_ENTRY_BYTES } from '../checkpoint/receipt.ts';
import { textOf } from '../encoding/bytes.ts';
import { parseCanonical } from '../encoding/canonical-json.ts';
import { type FaultPlace, LogFault } from './fault.ts';

const SERVICE = /^spiffe:\/\/[^/]+\/([^/]+)$/;

/** What holds from entry to entry of one log; it is shown every entry, in order. */
export class EntryRules {
  readonly #used = new Map<string, number>();
  #time = 0;

  /**
   * Reads the entry that stands at a place.
   *
   * @throws LogFault PROOF_LOG_ENTRY unless the bytes are the canonical JSON of a log entry, its
   *   reporter may report its kind, its time is not before the last one's, and each of its `once`
   *   keys is used for the first time.
   */
  read(bytes: Uint8Array, at: FaultPlace): LogEntry {
    const fault = (why: string) => new LogFault('PROOF_LOG_ENTRY', at, why);
    if (bytes.length > MAX_ENTRY_BYTES) throw fault(`has ${bytes.length} bytes of at most 8192`);
    const entry = parseEntry(bytes, at);
    const { reporter, once, event } = entry.unmapped;
    if (!reporters[event.kind].includes(SERVICE.exec(reporter)?.[1] ?? '')) {
      throw fault(`${reporter} may not report ${event.kind}`);
    }
    if (entry.time < this.#time) throw fault('its time is before that of the entry before it');
    this.#time = entry.time;
    for (const key of once.map((name) => onceKey(reporter, name))) {
      const first = this.#used.get(key);
      if (first !== undefined) throw fault(`uses a key that entry ${first} used up`);
      this.#used.set(key, at.index ?? 0);
    }
    return entry;
  }
}

/** A key belongs to who reports it: nobody uses up another service's. */
export function onceKey(reporter: string, key: string): string {
  return `${reporter} ${key}`;
}

function parseEntry(bytes: Uint8Array, at: FaultPlace): LogEntry {
  try {
    return LogEntry.parse(parseCanonical(textOf(bytes)));
  } catch (cause) {
    throw new LogFault('PROOF_LOG_ENTRY', at, 'is not the canonical JSON of an entry', { cause });
  }
}
