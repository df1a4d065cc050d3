import { methods } from '@physiclaw/contracts';
import { useCallback, useEffect, useState } from 'react';
import { post } from './door/post.ts';
import { failureOf, type Refusal } from './door/refusal.ts';
import type { Greeting } from './door/reply.ts';
import { EnterView } from './enter/enter-view.tsx';
import { SignedIn } from './frame/signed-in.tsx';
import { FailureNotice } from './part/notice.tsx';
import { dropSession, readSession } from './session/session.ts';

/** The whole page: whoever is not signed in comes in first. */
export function App() {
  const [greeting, setGreeting] = useState<Greeting>();
  const [failure, setFailure] = useState<Refusal>();
  const [session, setSession] = useState(readSession);
  const greet = useCallback(() => {
    post('hello', methods.hello, {}).then(
      (told) => {
        setGreeting(told);
        setFailure(undefined);
        return told;
      },
      (error: unknown) => setFailure(failureOf(error)),
    );
  }, []);
  useEffect(greet, [greet]);
  const leave = useCallback(() => {
    dropSession();
    setSession(undefined);
    greet();
  }, [greet]);
  if (failure) return <Unreachable failure={failure} onRetry={greet} />;
  if (greeting === undefined) return <main aria-busy="true" className="enter" />;
  if (session?.trustDomain === greeting.trustDomain) {
    return <SignedIn greeting={greeting} onLeave={leave} session={session} />;
  }
  return <EnterView greeting={greeting} onClaimed={greet} onSignedIn={setSession} />;
}

function Unreachable({ failure, onRetry }: { failure: Refusal; onRetry: () => void }) {
  return (
    <main className="enter">
      <div className="enter-card">
        <h1>Physiclaw</h1>
        <FailureNotice failure={failure} title="Nobody answers" />
        <button className="button primary" onClick={onRetry} type="button">
          Try again
        </button>
      </div>
    </main>
  );
}
