import { methods, ReceiverSettings } from '@physiclaw/contracts';
import type { Door } from '../door/door.ts';
import { Refusal } from '../door/refusal.ts';
import { type PersonKey, signStatement } from '../key/person-key.ts';

interface Word {
  /** Absent: nobody gets the log. */
  readonly receiver: ReceiverSettings | undefined;
  /** Index of the entry with the choice that this one ends. */
  readonly previous: number | undefined;
  /** The log's verifier key. */
  readonly log: string;
}

/** Says with one's key who gets the log from here on. */
export async function nameReceiver(door: Door, key: PersonKey, { receiver, previous, log }: Word) {
  const statement = {
    type: 'physiclaw/receiver/v1',
    log,
    ...(previous !== undefined && { previous }),
    ...(receiver && { receiver }),
    key: key.did,
  } as const;
  return door.call('setReceiver', methods.setReceiver, await signStatement(statement, key));
}

/** @throws Refusal CONSOLE_RECEIVER_INVALID, which says what was expected, before anything is signed. */
export function readReceiver(form: FormData): ReceiverSettings {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const read = ReceiverSettings.safeParse({
    destination: text('destination'),
    ca: `${text('ca').replaceAll('\r', '')}\n`,
  });
  if (read.success) return read.data;
  const message = [...new Set(read.error.issues.map((issue) => issue.message))].join('; ');
  throw new Refusal('CONSOLE_RECEIVER_INVALID', message);
}
