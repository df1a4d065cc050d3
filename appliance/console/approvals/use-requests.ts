import { methods } from '@physiclaw/contracts';
import { useEffect } from 'react';
import { useCall } from '../door/use-call.ts';
import { useDesk } from '../frame/desk.ts';

const LOOK_MS = 10_000;

/** The requests as they stand, kept so by the door's events. */
export function useRequests() {
  const { door } = useDesk();
  const called = useCall(door, ['approvals', methods.approvals, {}], LOOK_MS);
  const { reload } = called;
  useEffect(() => door.onApproval(reload), [door, reload]);
  return { requests: called.value?.requests, failure: called.failure, reload };
}
