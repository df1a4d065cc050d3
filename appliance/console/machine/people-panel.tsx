import { type EnrolledPerson, methods, type PendingEnrolment, visible } from '@physiclaw/contracts';
import { useState } from 'react';
import { useAction } from '../door/use-action.ts';
import { useCall } from '../door/use-call.ts';
import { shortName } from '../evidence/event-summary.ts';
import { useDesk } from '../frame/desk.ts';
import { FailureNotice } from '../part/notice.tsx';
import { endorse, newcomerOf } from './endorse.ts';

const LOOK_MS = 5000;

/** Who is enrolled, and whose keys wait for a word of somebody who is. */
export function PeoplePanel() {
  const { door } = useDesk();
  const { value, failure, reload } = useCall(door, ['enrolments', methods.enrolments, {}], LOOK_MS);
  return (
    <section aria-labelledby="people-title" className="panel">
      <h2 id="people-title">People</h2>
      {failure && <FailureNotice failure={failure} title="The people did not come" />}
      <ul className="people">
        {value?.people.map(({ person, name, keys }) => (
          <li key={person}>
            {visible(name)}{' '}
            <span className="quiet">
              {shortName(person)} · {keys.length} {keys.length === 1 ? 'key' : 'keys'}
            </span>
          </li>
        ))}
      </ul>
      <div aria-live="polite">
        {value?.pending.map((pending) => (
          <Asking
            key={pending.enrolment}
            onEndorsed={reload}
            pending={pending}
            people={value.people}
          />
        ))}
      </div>
    </section>
  );
}

interface AskingProps {
  readonly pending: PendingEnrolment;
  readonly people: readonly EnrolledPerson[];
  readonly onEndorsed: () => void;
}

function Asking({ pending, people, onEndorsed }: AskingProps) {
  const { door, key, session } = useDesk();
  const newcomer = newcomerOf(pending.key, session.trustDomain);
  const [person, setPerson] = useState<string>(pending.person ?? newcomer);
  const { doing, failure, run } = useAction();
  const sign = () =>
    run(async (tell) => {
      const signer = await key();
      tell(signer.kind === 'passkey' ? 'Confirm with your passkey' : 'Signing');
      await endorse(door, signer, { pending, person, trustDomain: session.trustDomain });
      onEndorsed();
    });
  return (
    <div className="asking">
      <p>
        <strong>{visible(pending.name)}</strong> asks to be enrolled with the key
      </p>
      <p>
        <code>{pending.key}</code>
      </p>
      <label className="field">
        It becomes a key of
        <select
          disabled={pending.person !== undefined}
          onChange={(event) => setPerson(event.target.value)}
          value={person}
        >
          <option value={newcomer}>a further person, {visible(pending.name)}</option>
          {people.map((one) => (
            <option key={one.person} value={one.person}>
              {visible(one.name)} ({shortName(one.person)})
            </option>
          ))}
        </select>
      </label>
      {pending.needs > 1 && <p className="quiet">It takes the word of {pending.needs} people.</p>}
      {failure && <FailureNotice failure={failure} title="It was not endorsed" />}
      <button
        aria-disabled={doing !== undefined}
        className="button primary"
        onClick={sign}
        type="button"
      >
        {doing ?? 'Endorse'}
      </button>
    </div>
  );
}
