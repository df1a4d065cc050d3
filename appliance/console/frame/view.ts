import { useSyncExternalStore } from 'react';

/** The views of the console, in the order of their keys. */
export const views = [
  { id: 'ask', title: 'Ask' },
  { id: 'approvals', title: 'Approvals' },
  { id: 'audit', title: 'Audit' },
  { id: 'machine', title: 'Machine' },
] as const;
export type ViewId = (typeof views)[number]['id'];

/** The view that the address names after its `#`; nothing secret ever stands there. */
export function useView(): ViewId {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return views.find(({ id }) => hash === `#${id}`)?.id ?? 'ask';
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}
