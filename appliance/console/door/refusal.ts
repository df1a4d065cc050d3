import { z } from 'zod';

/** What went wrong at the door or behind it: the appliance's own code, or one of the page's. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const Told = z.object({ code: z.string(), message: z.string() });
// The HTTP door wraps its errors as the OpenAI API does.
const Wrapped = z.object({ error: Told });

/** Reads an error as either transport sends it. */
export function refusalOf(value: unknown): Refusal {
  const { data } = z.union([Told, Wrapped.transform(({ error }) => error)]).safeParse(value);
  if (data) return new Refusal(data.code, data.message);
  return new Refusal('CONSOLE_UNREADABLE', 'expected an answer or an error, found neither');
}

/** Any failure as the page shows it. */
export function failureOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return new Refusal(error.code, error.message, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new Refusal('CONSOLE_FAULT', message, { cause: error });
}

/** Whether a new sign-in is all that helps. */
export function isSignedOut({ code }: Refusal): boolean {
  return code === 'GATEWAY_SIGN_IN_REQUIRED' || code === 'GATEWAY_SIGN_IN_REFUSED';
}
