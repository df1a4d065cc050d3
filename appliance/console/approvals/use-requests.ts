import { methods } from '@physiclaw/contracts';
import { useEffect } from 'react';
import { useCall } from '../door/use-call.ts';
import { useDesk } from '../frame/desk.ts';

const LOOK_MS = 10_000;

/** The requests that wait, kept so by the door's events. */
export function usePending() {
  return useRequests({ state: 'pending' }, LOOK_MS);
}

/** All of them as they stand, whatever became of them. Each carries its intent: it is not asked for again and again. */
export function useAll() {
  return useRequests({});
}

function useRequests(wanted: { readonly state?: 'pending' }, everyMs?: number) {
  const { door } = useDesk();
  const called = useCall(door, ['approvals', methods.approvals, wanted], everyMs);
  const { reload } = called;
  useEffect(() => door.onApproval(reload), [door, reload]);
  return { requests: called.value?.requests, failure: called.failure, reload };
}
