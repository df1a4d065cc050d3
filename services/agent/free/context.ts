import type { Message } from '@physiclaw/contracts';
import type { Acted } from '../gate/result.ts';
import { SYSTEM_PROMPT } from './prompt.ts';

/** One call that was taken, as the model is told of it. */
export interface Observation {
  readonly call: string;
  readonly arguments: object;
  readonly acted: Pick<Acted, 'label' | 'rules'>;
  /** What came out of the sandbox, where something did. */
  readonly output: string;
}

/** What was put before the model, in bytes: what it could have been told by. */
interface PackingReport {
  readonly parts: { part: string; bytes: number; cut: boolean }[];
  readonly bytes: number;
}

export interface Context {
  readonly messages: Message[];
  readonly report: PackingReport;
}

/** Bytes of outputs together, and of one. */
const ROOM = 24_576;
const LONGEST = 8192;

/**
 * Packs what the model is told. Outputs are JSON strings inside JSON: nothing in them can end their
 * own quotation. The newest have the most room; what does not fit is cut, and says so.
 */
export function pack(question: string, observations: readonly Observation[]): Context {
  const parts: PackingReport['parts'] = [];
  const told = (part: string, text: string, cut = false) => {
    parts.push({ part, bytes: Buffer.byteLength(text), cut });
    return text;
  };
  const messages: Message[] = [
    { role: 'system', content: told('system', SYSTEM_PROMPT) },
    { role: 'user', content: told('question', JSON.stringify({ question })) },
  ];
  const rooms = roomsFor(observations);
  for (const [at, { call, arguments: given, acted, output }] of observations.entries()) {
    const asked = JSON.stringify({ call, arguments: given });
    messages.push({ role: 'assistant', content: told(`call ${at + 1}`, asked) });
    const { text, cut } = cutTo(output, rooms[at] ?? 0);
    const { label: outcome, rules } = acted;
    const shown = JSON.stringify({ label: 'untrusted', outcome, rules, cut, output: text });
    messages.push({ role: 'user', content: told(`output ${at + 1}`, shown, cut) });
  }
  return { messages, report: { parts, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) } };
}

/** How many bytes each output may take: the newest is served first. */
function roomsFor(observations: readonly Observation[]): number[] {
  let left = ROOM;
  return observations
    .toReversed()
    .map(({ output }) => {
      const room = Math.min(left, LONGEST, Buffer.byteLength(output));
      left -= room;
      return room;
    })
    .toReversed();
}

/** The beginning and the end of a text; what is wrong often stands in the last lines. */
function cutTo(text: string, room: number): { text: string; cut: boolean } {
  const bytes = Buffer.from(text);
  if (bytes.length <= room) return { text, cut: false };
  const half = Math.floor(room / 2);
  const ends = [bytes.subarray(0, half), bytes.subarray(bytes.length - half)];
  return { text: ends.map((end) => end.toString()).join('\n[…]\n'), cut: true };
}
