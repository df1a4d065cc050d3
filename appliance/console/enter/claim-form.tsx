import { useState } from 'react';
import { useAction } from '../door/use-action.ts';
import type { Session } from '../session/session.ts';
import { FailureNotice } from '../part/notice.tsx';
import { claim, signIn } from './enter.ts';
import { KeyChoice, useKeyKind } from './key-choice.tsx';
import { NameField } from './name-field.tsx';
import { SubmitRow } from './submit-row.tsx';

interface ClaimProps {
  readonly onClaimed: () => void;
  readonly onSignedIn: (session: Session) => void;
}

/** The first person: the code from the screen, a name, and a key that is made here. */
export function ClaimForm({ onClaimed, onSignedIn }: ClaimProps) {
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const { kind, setKind } = useKeyKind();
  const { doing, failure, run } = useAction();
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (kind === undefined) return;
    run(async (tell) => {
      const key = await claim(code, { name: name.trim(), kind }, tell);
      try {
        onSignedIn(await signIn(key, tell));
      } catch (error) {
        onClaimed();
        throw error;
      }
    });
  };
  return (
    <form onSubmit={submit}>
      <h1>Claim this appliance</h1>
      <p>
        Nobody has claimed it yet. Whoever holds the code on its screen becomes its first person.
      </p>
      <label className="field">
        Code from the screen
        <input
          autoCapitalize="characters"
          autoComplete="off"
          className="mono"
          maxLength={64}
          onChange={(event) => setCode(event.target.value)}
          placeholder="XXXX-XXXX-…"
          required
          spellCheck={false}
          value={code}
        />
      </label>
      <NameField name={name} onName={setName} />
      <KeyChoice kind={kind} onChoose={setKind} />
      {failure && <FailureNotice failure={failure} title="It was not claimed" />}
      {failure?.code === 'PASSKEY_REFUSED' && <p>A device key needs none of this.</p>}
      <SubmitRow doing={doing} isOff={kind === undefined} title="Claim" />
    </form>
  );
}
