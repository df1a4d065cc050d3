import { useState } from 'react';
import { ViewHead } from '../frame/view-head.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { RequestCard } from './request-card.tsx';
import { useAll, usePending } from './use-requests.ts';

/** What waits for a person's yes or no, and what became of the rest. */
export function ApprovalsView() {
  const { requests, failure, reload } = usePending();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <ViewHead title="Approvals">
        <p aria-live="polite" className="quiet">
          {requests && (requests.length === 0 ? 'Nothing waits' : `${requests.length} waiting`)}
        </p>
      </ViewHead>
      {failure && <FailureNotice failure={failure} title="The requests did not come" />}
      {requests?.length === 0 && (
        <p className="empty">
          Nothing waits for a person. What policy may not allow alone appears here, with the exact
          bytes that would run.
        </p>
      )}
      {requests?.map((request) => (
        <RequestCard key={request.request} onAnswered={reload} request={request} />
      ))}
      <details className="ended" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>Answered or expired</summary>
        {isOpen && <Ended />}
      </details>
    </>
  );
}

function Ended() {
  const { requests, failure, reload } = useAll();
  const ended = requests?.filter(({ state }) => state !== 'pending') ?? [];
  if (failure) return <FailureNotice failure={failure} title="The requests did not come" />;
  if (requests && ended.length === 0) return <p className="quiet">None</p>;
  return ended.map((request) => (
    <RequestCard key={request.request} onAnswered={reload} request={request} />
  ));
}
