import { methods } from '@physiclaw/contracts';
import { useEffect } from 'react';
import type { z } from 'zod';
import { useCall } from '../door/use-call.ts';
import { useDesk } from '../frame/desk.ts';

const LOOK_MS = 10_000;

type Wanted = z.input<typeof methods.approvals.request>;

/** The requests that wait, kept so by the door's events. */
export function usePending() {
  return useRequests({ state: 'pending' }, LOOK_MS);
}

/** All of them as they stand, whatever became of them. Each carries its intent: it is not asked for again and again. */
export function useAll() {
  return useRequests({});
}

/** The one that is named, as it stands. */
export function useRequest(request: string) {
  return useRequests({ request }, LOOK_MS);
}

function useRequests(wanted: Wanted, everyMs?: number) {
  const { door } = useDesk();
  const called = useCall(door, ['approvals', methods.approvals, wanted], everyMs);
  const { reload } = called;
  useEffect(() => door.onApproval(reload), [door, reload]);
  return { requests: called.value?.requests, failure: called.failure, reload };
}
