import { useDesk } from '../frame/desk.ts';
import { RequestCard } from './request-card.tsx';
import { useRequest } from './use-requests.ts';

/** The request that a turn waits for, where the turn is read. */
export function RequestInline({ request: id }: { request: string }) {
  const { session } = useDesk();
  if (session.scopes.includes('approve')) return <Inline id={id} />;
  return <p className="quiet">An approver has to answer {id}.</p>;
}

function Inline({ id }: { id: string }) {
  const { requests, reload } = useRequest(id);
  const request = requests?.find((one) => one.request === id);
  return request === undefined ? null : <RequestCard onAnswered={reload} request={request} />;
}
