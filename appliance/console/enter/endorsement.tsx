import { useEffect, useState } from 'react';
import { useAction } from '../door/use-action.ts';
import { Copyable } from '../part/copyable.tsx';
import { Doing } from '../part/doing.tsx';
import { Facts } from '../part/facts.tsx';
import { FailureNotice, Notice } from '../part/notice.tsx';
import { When } from '../part/when.tsx';
import type { Session } from '../session/session.ts';
import { askAgain, type Enrolling, signIn } from './enter.ts';

const LOOK_MS = 2500;

interface EndorsementProps {
  readonly enrolling: Enrolling;
  readonly onEnrolled: () => void;
  readonly onSignedIn: (session: Session) => void;
}

/** Waits until the key is endorsed, and says by which command. */
export function Endorsement({ enrolling, onEnrolled, onSignedIn }: EndorsementProps) {
  const state = useEndorsement(enrolling);
  const { doing, failure, run } = useAction();
  const enter = () =>
    run(async (tell) => {
      const session = await signIn(enrolling.key, tell);
      onEnrolled();
      onSignedIn(session);
    });
  return (
    <section aria-labelledby="endorse">
      <h1 id="endorse">
        {state === 'enrolled' ? 'Your key is endorsed' : 'Waiting for endorsement'}
      </h1>
      {state === 'pending' && <Waiting enrolling={enrolling} />}
      {state === 'gone' && (
        <Notice isUrgent title="Nobody endorsed it in time" tone="warning">
          <p>Load the page again to ask once more.</p>
        </Notice>
      )}
      <Doing what={doing ?? (state === 'pending' ? 'Waiting for the endorsement' : undefined)} />
      {failure && <FailureNotice failure={failure} title="You are not signed in" />}
      {state === 'enrolled' && (
        <button className="button primary" onClick={enter} type="button">
          Sign in
        </button>
      )}
    </section>
  );
}

function Waiting({ enrolling: { key, enrolment, notAfter } }: { enrolling: Enrolling }) {
  return (
    <>
      <p>Whoever is already enrolled types this, or endorses it under Machine on this page:</p>
      <Copyable label="the command" text={`physiclaw people endorse ${enrolment}`} />
      <p>If it is a further key of the one who types, and not of another person:</p>
      <Copyable
        label="the command for a further key"
        text={`physiclaw people endorse --mine ${enrolment}`}
      />
      <p>Both of you see the same key:</p>
      <Facts
        rows={[
          ['name', key.name],
          ['key', <code key="did">{key.did}</code>],
          ['until', <When at={notAfter} key="until" />],
        ]}
      />
    </>
  );
}

function useEndorsement(enrolling: Enrolling): 'pending' | 'enrolled' | 'gone' {
  const [state, setState] = useState<'pending' | 'enrolled' | 'gone'>('pending');
  useEffect(() => {
    if (state !== 'pending') return undefined;
    const look = () => {
      if (Date.now() > Date.parse(enrolling.notAfter)) setState('gone');
      // A look that fails says nothing about the key: the next one may do.
      else askAgain(enrolling).then(setState, () => undefined);
    };
    const timer = window.setInterval(look, LOOK_MS);
    return () => window.clearInterval(timer);
  }, [enrolling, state]);
  return state;
}
