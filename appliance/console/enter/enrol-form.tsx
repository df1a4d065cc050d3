import { useState } from 'react';
import { useAction } from '../door/use-action.ts';
import { FailureNotice } from '../part/notice.tsx';
import type { Session } from '../session/session.ts';
import { Endorsement } from './endorsement.tsx';
import { type Enrolling, enrol } from './enter.ts';
import { KeyChoice, useKeyKind } from './key-choice.tsx';
import { NameField } from './name-field.tsx';
import { SubmitRow } from './submit-row.tsx';

interface EnrolProps {
  readonly onBack: (() => void) | undefined;
  readonly onEnrolled: () => void;
  readonly onSignedIn: (session: Session) => void;
}

/** A further key: made here, and good once the people who are enrolled have endorsed it. */
export function EnrolForm({ onBack, onEnrolled, onSignedIn }: EnrolProps) {
  const [name, setName] = useState('');
  const [enrolling, setEnrolling] = useState<Enrolling>();
  const { kind, setKind } = useKeyKind();
  const { doing, failure, run } = useAction();
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (kind === undefined) return;
    run(async (tell) => setEnrolling(await enrol({ name: name.trim(), kind }, tell)));
  };
  if (enrolling) {
    return <Endorsement enrolling={enrolling} onEnrolled={onEnrolled} onSignedIn={onSignedIn} />;
  }
  return (
    <form onSubmit={submit}>
      <h1>Enrol a key</h1>
      <p>
        This browser has no key of this appliance yet. Make one here; whoever is already enrolled
        endorses it.
      </p>
      <NameField name={name} onName={setName} />
      <KeyChoice kind={kind} onChoose={setKind} />
      {failure && <FailureNotice failure={failure} title="The key was not enrolled" />}
      {failure?.code === 'PASSKEY_REFUSED' && <p>A device key needs none of this.</p>}
      <SubmitRow doing={doing} isOff={kind === undefined} title="Make the key" />
      {onBack && (
        <p className="rule-before">
          <button className="button" onClick={onBack} type="button">
            Back to sign-in
          </button>
        </p>
      )}
    </form>
  );
}
