import { useState } from 'react';
import type { Greeting } from '../door/reply.ts';
import { keysOf } from '../key/key-ring.ts';
import type { Session } from '../session/session.ts';
import { fingerprintOf } from '../session/known-log.ts';
import { ClaimForm } from './claim-form.tsx';
import { EnrolForm } from './enrol-form.tsx';
import { SignInForm } from './sign-in-form.tsx';

interface EnterProps {
  readonly greeting: Greeting;
  readonly onClaimed: () => void;
  readonly onSignedIn: (session: Session) => void;
}

/** The way in: claim what nobody has claimed, sign in with a key, or ask for a further one. */
export function EnterView({ greeting, onClaimed, onSignedIn }: EnterProps) {
  const { mode, trustDomain } = greeting;
  const [keys, setKeys] = useState(() => keysOf(trustDomain));
  const [isEnrolling, setEnrolling] = useState(false);
  const reread = () => setKeys(keysOf(trustDomain));
  const isUnclaimed = mode === 'unclaimed';
  return (
    <main className="enter">
      <div className="enter-card">
        <p className="brand">
          <span aria-hidden="true" className="brand-mark" />
          Physiclaw
        </p>
        {isUnclaimed && <ClaimForm onClaimed={onClaimed} onSignedIn={onSignedIn} />}
        {!isUnclaimed && (isEnrolling || keys.length === 0) && (
          <EnrolForm
            onBack={keys.length > 0 ? () => setEnrolling(false) : undefined}
            onEnrolled={() => {
              reread();
              setEnrolling(false);
            }}
            onSignedIn={onSignedIn}
          />
        )}
        {!isUnclaimed && !isEnrolling && keys.length > 0 && (
          <SignInForm
            keys={keys}
            onEnrol={() => setEnrolling(true)}
            onForgotten={reread}
            onSignedIn={onSignedIn}
          />
        )}
      </div>
      <Identity greeting={greeting} />
    </main>
  );
}

/** What the screen of the appliance shows too, for whoever compares. */
function Identity({ greeting: { log, trustDomain, version } }: { greeting: Greeting }) {
  return (
    <footer className="identity">
      <p>
        {trustDomain} · version {version}
      </p>
      <p>
        The log’s key, to compare with the screen: <code>{fingerprintOf(log)}</code>
      </p>
    </footer>
  );
}
