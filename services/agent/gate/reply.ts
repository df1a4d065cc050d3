import { ActuatorReply, type OutcomeEvent, tools } from '@physiclaw/contracts';
import { digestOf } from '@physiclaw/proof';
import type { Actor } from './actor.ts';
import { patiently } from './patience.ts';

/** What an actuator replied: the bytes that its outcome names, and nothing else. */
export interface Reply {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/**
 * Fetches the reply of an act. What is in it came out of a sandbox: data, never an instruction.
 *
 * @returns a reason where there is no whole reply.
 */
export async function readReply(
  { desk, signal }: Pick<Actor, 'desk' | 'signal'>,
  outcome: OutcomeEvent,
): Promise<Reply | string> {
  const { reply, session } = outcome;
  if (reply === undefined) return 'no output';
  if (reply.truncated) return 'too much output';
  const { digest } = reply;
  const chunks: Buffer[] = [];
  for (let offset = 0; offset < reply.bytes;) {
    const question = { session, digest, offset };
    const { bytes } = await patiently(
      'tools',
      () => desk.tools.ask(tools.calls.readBlob, question, { signal }),
      { log: desk.log, signal },
    );
    const chunk = Buffer.from(bytes, 'base64');
    if (chunk.length === 0) break;
    chunks.push(chunk);
    offset += chunk.length;
  }
  const bytes = Buffer.concat(chunks);
  return digestOf(bytes) === digest ? { digest, bytes } : 'the output is not the one recorded';
}

/** Why a reply is of no use, where its actuator says so itself. */
export function complaintOf({ bytes }: Reply): string | undefined {
  try {
    const { result } = ActuatorReply.parse(JSON.parse(Buffer.from(bytes).toString()));
    return result.isError ? firstLine(result.content[0]?.text ?? 'it failed') : undefined;
  } catch {
    // Not in the shape of a reply: no parser will take it either.
    return 'the output is no reply';
  }
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 120);
}
