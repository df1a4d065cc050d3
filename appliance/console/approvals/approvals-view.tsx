import { ViewHead } from '../frame/view-head.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { RequestCard } from './request-card.tsx';
import { useRequests } from './use-requests.ts';

/** What waits for a person's yes or no, and what became of the rest. */
export function ApprovalsView() {
  const { requests, failure, reload } = useRequests();
  const pending = requests?.filter(({ state }) => state === 'pending') ?? [];
  const ended = requests?.filter(({ state }) => state !== 'pending') ?? [];
  return (
    <>
      <ViewHead title="Approvals">
        <p aria-live="polite" className="quiet">
          {requests && (pending.length === 0 ? 'Nothing waits' : `${pending.length} waiting`)}
        </p>
      </ViewHead>
      {failure && <FailureNotice failure={failure} title="The requests did not come" />}
      {requests && pending.length === 0 && (
        <p className="empty">
          Nothing waits for a person. What policy may not allow alone appears here, with the exact
          bytes that would run.
        </p>
      )}
      {pending.map((request) => (
        <RequestCard key={request.request} onAnswered={reload} request={request} />
      ))}
      {ended.length > 0 && (
        <details className="ended">
          <summary>Answered or expired: {ended.length}</summary>
          {ended.map((request) => (
            <RequestCard key={request.request} onAnswered={reload} request={request} />
          ))}
        </details>
      )}
    </>
  );
}
