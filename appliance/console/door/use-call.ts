import type { Method, methods } from '@physiclaw/contracts';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import type { Door } from './door.ts';
import { failureOf, type Refusal } from './refusal.ts';

export interface Called<Reply> {
  readonly value: Reply | undefined;
  readonly failure: Refusal | undefined;
  readonly reload: () => void;
}

/** What a method answers, asked again every so often; the last answer stays while it is asked. */
export function useCall<Request extends z.ZodType, Reply extends z.ZodType>(
  door: Door,
  [name, method, request]: readonly [
    keyof typeof methods,
    Method<Request, Reply>,
    z.input<Request>,
  ],
  everyMs = 0,
): Called<z.output<Reply>> {
  const [called, setCalled] = useState<Omit<Called<z.output<Reply>>, 'reload'>>({
    value: undefined,
    failure: undefined,
  });
  const question = JSON.stringify(request);
  const latest = useRef(0);
  const reload = useCallback(() => {
    const turn = (latest.current += 1);
    const ask = async () => {
      const body: z.input<Request> = JSON.parse(question);
      const { value, failure } = await settled(door.call(name, method, body));
      // A later question overtakes this one; and where it failed, the last answer stays.
      if (turn !== latest.current) return;
      setCalled((last) => ({ value: failure ? last.value : value, failure }));
    };
    void ask();
  }, [door, name, method, question]);
  useEffect(() => {
    reload();
    const timer = everyMs > 0 ? window.setInterval(reload, everyMs) : 0;
    return () => window.clearInterval(timer);
  }, [reload, everyMs]);
  return { ...called, reload };
}

async function settled<Value>(promise: Promise<Value>): Promise<{
  value: Value | undefined;
  failure: Refusal | undefined;
}> {
  try {
    return { value: await promise, failure: undefined };
  } catch (error) {
    return { value: undefined, failure: failureOf(error) };
  }
}
