import type { ReceiverSettings } from '@physiclaw/contracts';
import { type Action, useAction } from '../door/use-action.ts';
import type { Status } from '../door/reply.ts';
import { SubmitRow } from '../enter/submit-row.tsx';
import { useDesk } from '../frame/desk.ts';
import { Facts } from '../part/facts.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { nameReceiver, readReceiver } from './receiver.ts';

type Siem = NonNullable<Status['siem']>;

/** Where the log is sent, how far it is, and how a person changes that. */
export function ReceiverPanel({ siem }: { siem: Siem }) {
  const { session } = useDesk();
  const mayName = !siem.isFixed && session.scopes.includes('admin');
  return (
    <section aria-labelledby="receiver-title" className="panel">
      <h2 id="receiver-title">SIEM</h2>
      <Facts rows={factsOf(siem)} />
      {siem.isFixed && (
        <p className="quiet">It is named in the configuration, and changed there.</p>
      )}
      {mayName && <Naming isNamed={siem.destination !== undefined} />}
    </section>
  );
}

function Naming({ isNamed }: { isNamed: boolean }) {
  const naming = useAction();
  const name = useNaming(naming);
  const submit = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    name(() => readReceiver(new FormData(form)));
  };
  const { doing, failure } = naming;
  return (
    <form className="asking" onSubmit={submit}>
      <label className="field">
        Send the log to
        <input
          autoComplete="off"
          className="mono"
          name="destination"
          placeholder="relp://192.0.2.9:2514"
          required
        />
      </label>
      <label className="field">
        Certificates of its authority, in PEM
        <textarea
          className="mono"
          maxLength={4096}
          name="ca"
          required
          rows={4}
          spellCheck={false}
        />
      </label>
      {failure && <FailureNotice failure={failure} title="The receiver was not taken" />}
      <SubmitRow doing={doing} title="Sign, and send the log there" />
      {isNamed && (
        <button
          aria-disabled={doing !== undefined}
          className="button"
          onClick={() => name(() => undefined)}
          type="button"
        >
          Sign, and send it nowhere
        </button>
      )}
    </form>
  );
}

function useNaming({ run }: Action) {
  const { door, key, session } = useDesk();
  const { trustDomain } = session;
  return (read: () => ReceiverSettings | undefined) =>
    run(async (tell) => {
      const receiver = read();
      const signer = await key();
      tell(signer.kind === 'passkey' ? 'Confirm with your passkey' : 'Signing');
      await nameReceiver(door, signer, { receiver, trustDomain });
    });
}

function factsOf({ destination, state, sent, acknowledged, lag, problem }: Siem) {
  if (destination === undefined) return [['receiver', 'none: the log stays here']] as const;
  return [
    ['receiver', destination],
    ['state', problem ? `${state}: ${problem.message}` : state],
    ['sent up to', entryOf(sent)],
    ['acknowledged', entryOf(acknowledged)],
    ['behind', String(lag)],
  ] as const;
}

function entryOf(index: number | undefined): string {
  return index === undefined ? 'none' : `entry ${index}`;
}
