import { useState } from 'react';
import { failureOf, type Refusal } from './refusal.ts';

export interface Action {
  /** What is being done now; nothing when absent. */
  readonly doing: string | undefined;
  readonly failure: Refusal | undefined;
  readonly run: (act: (tell: (step: string) => void) => Promise<void>) => void;
}

/** Something that a person began: what it is doing, and why it failed. One at a time. */
export function useAction(): Action {
  const [doing, setDoing] = useState<string>();
  const [failure, setFailure] = useState<Refusal>();
  const run: Action['run'] = (act) => {
    if (doing !== undefined) return;
    setFailure(undefined);
    setDoing('One moment');
    act(setDoing)
      .catch((error: unknown) => setFailure(failureOf(error)))
      .finally(() => setDoing(undefined));
  };
  return { doing, failure, run };
}
