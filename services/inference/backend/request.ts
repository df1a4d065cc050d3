import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Address } from './address.ts';
import { BackendFailure } from './failure.ts';

export interface Asking {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  /** Longest silence on the connection, in milliseconds. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends one request and resolves with the head of the answer; redirects are not followed.
 *
 * @throws BackendFailure INFERENCE_BACKEND_UNREACHABLE, _SILENT, or _ERROR for a status that is not 200.
 */
export async function ask(address: Address, asking: Asking): Promise<IncomingMessage> {
  const response = await send(address, asking);
  if (response.statusCode === 200) return response;
  response.destroy();
  throw new BackendFailure(
    'INFERENCE_BACKEND_ERROR',
    `expected status 200 from the model server, found ${response.statusCode}`,
  );
}

function send({ secure, options, base }: Address, asking: Asking): Promise<IncomingMessage> {
  const { method, path, body, silenceMs, signal } = asking;
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = bytes && {
    'content-type': 'application/json',
    'content-length': bytes.byteLength,
  };
  return new Promise((resolve, reject) => {
    const call = (secure ? https : http).request({
      ...options,
      method,
      path: `${base}${path}`,
      agent: false,
      signal,
      ...(headers && { headers }),
    });
    const silent = new BackendFailure(
      'INFERENCE_BACKEND_SILENT',
      `the model server was silent for ${silenceMs / 1000} s`,
    );
    let head: IncomingMessage | undefined;
    // Once there is an answer, its reader has to hear why it ends.
    call.setTimeout(silenceMs, () => (head ?? call).destroy(silent));
    call.on('response', (response) => {
      head = response;
      resolve(response);
    });
    call.on('error', (cause) => reject(failureOf(cause, signal)));
    call.end(bytes);
  });
}

/** The failure behind an error of a connection. */
export function failureOf(cause: unknown, signal: AbortSignal): BackendFailure {
  if (cause instanceof BackendFailure) return cause;
  if (signal.aborted) return endedBy(signal.reason, cause);
  const found = certificateFault(cause);
  const message =
    found === undefined
      ? 'the model server could not be reached, or broke off'
      : `expected a certificate of the model server that a public authority vouches for, found ${found}; give it such a one, or run it on this machine and name it by http:// or unix:/`;
  return new BackendFailure('INFERENCE_BACKEND_UNREACHABLE', message, { cause });
}

/** OpenSSL's or Node's name for what is wrong with a certificate. */
function certificateFault(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /CERT|LEAF_SIGNATURE|INVALID_(CA|PURPOSE)|HOSTNAME/.test(code) ? code : undefined;
}

/** Our own patience ends with a `TimeoutError`; anything else is whoever asked, or our own stop. */
function endedBy(reason: unknown, cause: unknown): BackendFailure {
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? new BackendFailure('INFERENCE_BACKEND_SILENT', 'the answer took too long', { cause })
    : new BackendFailure('INFERENCE_CALLER_GONE', 'whoever asked went away', { cause });
}
