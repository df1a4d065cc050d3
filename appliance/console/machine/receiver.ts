import { methods, ReceiverSettings } from '@physiclaw/contracts';
import type { Door } from '../door/door.ts';
import { type PersonKey, signStatement } from '../key/person-key.ts';

interface Word {
  /** Absent: nobody gets the log. */
  readonly receiver: ReceiverSettings | undefined;
  readonly trustDomain: string;
}

/** Says with one's key who gets the log from here on. */
export async function nameReceiver(door: Door, key: PersonKey, { receiver, trustDomain }: Word) {
  const statement = {
    type: 'physiclaw/receiver/v1',
    trustDomain,
    change: `c-${[...crypto.getRandomValues(new Uint8Array(16))].map(hex).join('')}`,
    ...(receiver && { receiver }),
    key: key.did,
  } as const;
  return door.call('setReceiver', methods.setReceiver, await signStatement(statement, key));
}

/** @throws Error that says what was expected, before anything is signed. */
export function readReceiver(form: FormData): ReceiverSettings {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const read = ReceiverSettings.safeParse({
    destination: text('destination'),
    ca: `${text('ca')}\n`,
  });
  if (read.success) return read.data;
  throw new Error(read.error.issues.map(({ message }) => message).join('; '));
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
