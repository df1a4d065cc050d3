import type { Receipt, ReceiverSettings } from '@physiclaw/contracts';
import { useState } from 'react';
import { type Action, useAction } from '../door/use-action.ts';
import type { Status } from '../door/reply.ts';
import { SubmitRow } from '../enter/submit-row.tsx';
import { useDesk } from '../frame/desk.ts';
import { Facts } from '../part/facts.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { nameReceiver, readReceiver } from './receiver.ts';

type Siem = NonNullable<Status['siem']>;

interface ReceiverProps {
  readonly siem: Siem;
  /** Index of the entry with the choice that holds. */
  readonly previous: number | undefined;
  readonly onNamed: () => void;
}

/** Where the log is sent, how far it is, and how a person changes that. */
export function ReceiverPanel({ siem, previous, onNamed }: ReceiverProps) {
  const { session } = useDesk();
  const mayName = !siem.isFixed && session.scopes.includes('admin');
  return (
    <section aria-labelledby="receiver-title" className="panel">
      <h2 id="receiver-title">SIEM</h2>
      <Facts rows={factsOf(siem)} />
      {siem.isFixed && (
        <p className="quiet">It is named in the configuration, and changed there.</p>
      )}
      {mayName && <Naming onNamed={onNamed} previous={previous} siem={siem} />}
    </section>
  );
}

function Naming({ siem, previous, onNamed }: ReceiverProps) {
  const { show } = useDesk();
  const [receipt, setReceipt] = useState<Receipt>();
  const naming = useAction();
  const name = useNaming(naming, previous, (named) => {
    setReceipt(named);
    onNamed();
  });
  const submit = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    name(
      () => readReceiver(new FormData(form)),
      () => form.reset(),
    );
  };
  const { doing, failure } = naming;
  return (
    <form className="asking" onSubmit={submit}>
      <Fields />
      {failure && <FailureNotice failure={failure} title="Nothing was changed" />}
      <SubmitRow doing={doing} title="Sign, and send the log there" />
      {siem.destination !== undefined && (
        <button
          aria-disabled={doing !== undefined}
          className="button"
          onClick={() => name(() => undefined)}
          type="button"
        >
          Sign, and send it nowhere
        </button>
      )}
      {receipt && (
        <button className="mark" onClick={() => show(receipt)} type="button">
          entry {receipt.index}
        </button>
      )}
    </form>
  );
}

function Fields() {
  return (
    <>
      <label className="field">
        Send the log to
        <input
          autoComplete="off"
          className="mono"
          name="destination"
          placeholder="tls://192.0.2.9:6514"
          required
        />
      </label>
      <label className="field">
        Certificates of its authority, in PEM
        <textarea className="mono" name="ca" required rows={4} spellCheck={false} />
      </label>
    </>
  );
}

function useNaming(
  { run }: Action,
  previous: number | undefined,
  onNamed: (receipt: Receipt) => void,
) {
  const { door, key, log } = useDesk();
  return (read: () => ReceiverSettings | undefined, done: () => void = () => undefined) =>
    run(async (tell) => {
      const receiver = read();
      const signer = await key();
      tell(signer.kind === 'passkey' ? 'Confirm with your passkey' : 'Signing');
      const word = { receiver, previous, log: log.vkey };
      onNamed((await nameReceiver(door, signer, word)).receipt);
      done();
    });
}

function factsOf({ destination, state, sent, acknowledged, lag, problem }: Siem) {
  const why = problem ? ([['problem', problem.message]] as const) : [];
  if (destination === undefined) return [['receiver', 'none: the log stays here'], ...why] as const;
  return [
    ['receiver', destination],
    ['state', state],
    ...why,
    ['sent up to', entryOf(sent)],
    ['acknowledged', entryOf(acknowledged)],
    ['behind', String(lag)],
  ] as const;
}

function entryOf(index: number | undefined): string {
  return index === undefined ? 'none' : `entry ${index}`;
}
