import { type ApprovalRequest, type Intent, type Receipt, visible } from '@physiclaw/contracts';
import { useMemo, useState } from 'react';
import { failureOf, type Refusal } from '../door/refusal.ts';
import { useAction } from '../door/use-action.ts';
import { useDesk } from '../frame/desk.ts';
import { Badge, type Tone } from '../part/badge.tsx';
import { Doing } from '../part/doing.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { openIntent, titleOf } from './intent.ts';
import { IntentFacts } from './intent-facts.tsx';
import { decide } from './verdict.ts';

const TONES: Record<ApprovalRequest['state'], Tone> = {
  pending: 'notice',
  approved: 'ok',
  used: 'ok',
  denied: 'warning',
  expired: 'unknown',
};

interface RequestProps {
  readonly request: ApprovalRequest;
  readonly onAnswered: () => void;
}

/** One request: exactly what would run, why a person is asked, and his signed yes or no. */
export function RequestCard({ request, onAnswered }: RequestProps) {
  const read = useMemo(() => readRequest(request), [request]);
  if ('failure' in read) {
    return (
      <article className="request">
        <FailureNotice failure={read.failure} title="These are not the bytes that were asked for" />
      </article>
    );
  }
  const { intent } = read;
  return (
    <article aria-label={titleOf(intent)} className="request">
      <header className="request-head">
        <Badge tone={TONES[request.state]}>{request.state}</Badge>
        <h2 className="mono">{titleOf(intent)}</h2>
      </header>
      <IntentFacts intent={intent} request={request} />
      <details className="exact">
        <summary>The exact bytes that you would sign for</summary>
        <pre>{visible(JSON.stringify(intent, undefined, 2))}</pre>
        <p className="quiet">In its canonical form, byte for byte:</p>
        <pre>{visible(request.intent)}</pre>
        <p className="quiet">
          SHA-256 of these bytes, taken here: <code>{request.hash}</code>
        </p>
      </details>
      {request.state === 'pending' && <Answering onAnswered={onAnswered} request={request} />}
    </article>
  );
}

function readRequest(request: ApprovalRequest): { intent: Intent } | { failure: Refusal } {
  try {
    return { intent: openIntent(request) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function Answering({ request, onAnswered }: RequestProps) {
  const { door, key, show, session } = useDesk();
  const { doing, failure, run } = useAction();
  const [receipt, setReceipt] = useState<Receipt>();
  const answer = (verdict: 'approve' | 'deny') =>
    run(async (tell) => {
      const signer = await key();
      tell(signer.kind === 'passkey' ? 'Confirm with your passkey' : 'Signing');
      const answered = await decide(door, signer, request, verdict);
      setReceipt(answered.receipt);
      onAnswered();
    });
  return (
    <footer className="answering">
      {request.principal === session.person && (
        <p className="quiet">
          You asked for this yourself. Where several people are enrolled, another one approves it.
        </p>
      )}
      <div className="actions">
        <button
          aria-disabled={doing !== undefined}
          className="button primary"
          onClick={() => answer('approve')}
          type="button"
        >
          Approve once
        </button>
        <button
          aria-disabled={doing !== undefined}
          className="button"
          onClick={() => answer('deny')}
          type="button"
        >
          Deny
        </button>
        <Doing what={doing} />
      </div>
      {failure && <FailureNotice failure={failure} title="Your answer was not taken" />}
      {receipt && (
        <button className="mark" onClick={() => show(receipt)} type="button">
          entry {receipt.index}
        </button>
      )}
    </footer>
  );
}
