import type { Method, methods } from '@physiclaw/contracts';
import type { z } from 'zod';
import { Refusal, refusalOf } from './refusal.ts';

const PATIENCE_MS = 15_000;

/**
 * Asks one of the methods that need no sign-in; all others go over the socket.
 *
 * @throws Refusal with the appliance's code, or CONSOLE_UNREACHABLE.
 */
export async function post<Request extends z.ZodType, Reply extends z.ZodType>(
  name: keyof typeof methods,
  method: Method<Request, Reply>,
  body: z.input<Request>,
): Promise<z.output<Reply>> {
  const response = await send(name, body);
  const value: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusalOf(value);
  return method.reply.parse(value);
}

async function send(name: string, body: unknown): Promise<Response> {
  try {
    return await fetch(`/api/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (cause) {
    const message = 'the appliance does not answer; see its screen for what it is doing';
    throw new Refusal('CONSOLE_UNREACHABLE', message, { cause });
  }
}
