import { methods, type Receipt } from '@physiclaw/contracts';
import { useEffect, useMemo, useState } from 'react';
import type { Greeting } from '../door/reply.ts';
import { EntryDialog } from '../audit/entry-dialog.tsx';
import { Door } from '../door/door.ts';
import { Refusal } from '../door/refusal.ts';
import { keysOf, openKey } from '../key/key-ring.ts';
import type { PersonKey } from '../key/person-key.ts';
import { acquaint } from '../session/known-log.ts';
import { leaveNothing, type Session } from '../session/session.ts';
import { type Asked, type Desk, DeskContext } from './desk.ts';
import { Shell } from './shell.tsx';

const SIGN_OUT_MS = 2000;

interface SignedInProps {
  readonly greeting: Greeting;
  readonly session: Session;
  readonly onLeave: () => void;
}

/** Everything behind the sign-in, with one connection for as long as it lasts. */
export function SignedIn({ greeting, session, onLeave }: SignedInProps) {
  const { credential, did, trustDomain } = session;
  const [shown, setShown] = useState<{ receipt: Receipt; asked: Asked }>();
  const door = useMemo(() => new Door(credential), [credential]);
  useEffect(() => {
    const stop = door.onState(() => {
      if (door.state === 'ended') onLeave();
    });
    door.open();
    return () => {
      stop();
      door.close();
    };
  }, [door, onLeave]);
  const desk = useMemo<Desk>(
    () => ({
      door,
      session,
      log: { vkey: greeting.log, acquaintance: acquaint(trustDomain, greeting.log) },
      key: () => keyOf(trustDomain, did),
      show: (receipt, asked = {}) => setShown({ receipt, asked }),
      signOut: () => {
        leaveNothing();
        void tellSignOut(door).finally(() => {
          // What a view kept meanwhile.
          leaveNothing();
          onLeave();
        });
      },
    }),
    [door, session, greeting.log, trustDomain, did, onLeave],
  );
  return (
    <DeskContext value={desk}>
      <Shell />
      {shown && <EntryDialog {...shown} onClose={() => setShown(undefined)} />}
    </DeskContext>
  );
}

/** Resolves when the appliance has heard of it, or does not: here it is done in any case. */
async function tellSignOut(door: Door): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = window.setTimeout(resolve, SIGN_OUT_MS);
  try {
    await Promise.race([door.call('signOut', methods.signOut, {}), late]);
  } catch {
    // The credential ends by itself within the hour.
  } finally {
    window.clearTimeout(timer);
  }
}

function keyOf(trustDomain: string, did: string): Promise<PersonKey> {
  const remembered = keysOf(trustDomain).find((key) => key.did === did);
  if (remembered) return openKey(remembered);
  const message = 'this browser no longer has the key that signed in; sign in again';
  return Promise.reject(new Refusal('CONSOLE_KEY_GONE', message));
}
