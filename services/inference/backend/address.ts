import type { RequestOptions } from 'node:http';
import { InferenceError } from '../errors.ts';

/** How a backend is reached: only where its owner said, by no other name and no redirect. */
export interface Address {
  readonly secure: boolean;
  readonly options: Pick<RequestOptions, 'host' | 'port' | 'socketPath'>;
  /** What its paths begin with, such as `/v1`. */
  readonly base: string;
}

/**
 * Reads `http://host:port/v1`, `https://…` or `unix:/path.sock` (with `/v1` behind the socket).
 *
 * @throws InferenceError INFERENCE_URL_INVALID, also for a URL that carries a password or a query.
 */
export function addressOf(url: string): Address {
  if (url.startsWith('unix:/')) {
    return { secure: false, options: { socketPath: url.slice('unix:'.length) }, base: '/v1' };
  }
  const parsed = URL.parse(url);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw invalid('expected http://host:port/v1, https://… or unix:/path.sock');
  }
  const { username, password, search, hash, hostname, port, pathname, protocol } = parsed;
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    throw invalid('expected a URL without user, password, query and fragment');
  }
  const secure = protocol === 'https:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    secure,
    options: { host, port: port === '' ? (secure ? 443 : 80) : Number(port) },
    base: pathname.replace(/\/+$/, ''),
  };
}

function invalid(message: string): InferenceError {
  return new InferenceError('INFERENCE_URL_INVALID', message);
}
