import type { Receipt } from '@physiclaw/contracts';
import { createContext, useContext } from 'react';
import type { Door } from '../door/door.ts';
import type { PersonKey } from '../key/person-key.ts';
import type { Acquaintance } from '../session/known-log.ts';
import type { Session } from '../session/session.ts';

/** What a receipt ought to be of, where something else told so. */
export interface Asked {
  readonly index?: number;
  readonly entry?: string;
}

/** What the views of a signed-in person work with. */
export interface Desk {
  readonly door: Door;
  readonly session: Session;
  /** The log's verifier key, and how it stands to the one that this browser keeps. */
  readonly log: { readonly vkey: string; readonly acquaintance: Acquaintance };
  /** The key that signed in. */
  readonly key: () => Promise<PersonKey>;
  /** Shows an entry and the check of its receipt. */
  readonly show: (receipt: Receipt, asked?: Asked) => void;
  readonly signOut: () => void;
}

export const DeskContext = createContext<Desk | undefined>(undefined);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error('expected a signed-in person around this view');
  return desk;
}
