import { useAction } from '../door/use-action.ts';
import { forget, type RememberedKey } from '../key/key-ring.ts';
import { passkeyObstacle, placeOf } from '../key/obstacle.ts';
import { Doing } from '../part/doing.tsx';
import { FailureNotice, Notice } from '../part/notice.tsx';
import type { Session } from '../session/session.ts';
import { signIn } from './enter.ts';

interface SignInProps {
  readonly keys: readonly RememberedKey[];
  readonly onSignedIn: (session: Session) => void;
  readonly onEnrol: () => void;
  readonly onForgotten: () => void;
}

/** The keys that this browser knows; one press signs in. */
export function SignInForm({ keys, onSignedIn, onEnrol, onForgotten }: SignInProps) {
  const { doing, failure, run } = useAction();
  const noPasskey = passkeyObstacle(placeOf(window));
  const enter = (key: RememberedKey) =>
    run(async (tell) => {
      onSignedIn(await signIn(key, tell));
    });
  return (
    <section aria-labelledby="sign-in">
      <h1 id="sign-in">Sign in</h1>
      {noPasskey !== undefined && keys.some(({ kind }) => kind === 'passkey') && (
        <Notice title="Passkeys do not work here" tone="notice">
          <p>Because {noPasskey}.</p>
        </Notice>
      )}
      <ul className="keys">
        {keys.map((key) => (
          <KeyRow
            isOff={key.kind === 'passkey' && noPasskey !== undefined}
            key={key.did}
            onEnter={() => enter(key)}
            onForget={() => {
              forget(key.did);
              onForgotten();
            }}
            remembered={key}
          />
        ))}
      </ul>
      <Doing what={doing} />
      {failure && <FailureNotice failure={failure} title="You are not signed in" />}
      <p className="rule-before">
        <button className="button" onClick={onEnrol} type="button">
          Enrol another key
        </button>
      </p>
    </section>
  );
}

interface KeyRowProps {
  readonly remembered: RememberedKey;
  readonly isOff: boolean;
  readonly onEnter: () => void;
  readonly onForget: () => void;
}

function KeyRow({ remembered: { name, kind }, isOff, onEnter, onForget }: KeyRowProps) {
  return (
    <li>
      <button className="button primary key" disabled={isOff} onClick={onEnter} type="button">
        <span className="key-name">{name}</span>
        <span className="key-kind">{kind === 'passkey' ? 'Passkey' : 'Device key'}</span>
      </button>
      <button
        aria-label={`Forget the key of ${name} in this browser`}
        className="button small"
        onClick={onForget}
        type="button"
      >
        Forget
      </button>
    </li>
  );
}
