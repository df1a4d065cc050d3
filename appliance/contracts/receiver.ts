import { z } from 'zod';

/** Where a receiver of the log is, and what it speaks. */
export const Destination = z
  .string()
  .regex(/^(relp|tls):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):[0-9]{1,5}$/, {
    error:
      'expected relp://HOST:PORT or tls://HOST:PORT; both speak TLS, plain TCP and UDP are refused: who is on the way could read and change what the log says',
  });

/** Certificates in PEM. */
export const Certificates = z
  .string()
  .includes('-----BEGIN CERTIFICATE-----', { error: 'expected certificates in PEM' })
  .max(65_536);

/** A receiver of the log, as a person names it by his signature. */
export const ReceiverSettings = z.strictObject({
  destination: Destination,
  /** Of the authorities that may vouch for it. The statement stands in one entry of the log. */
  ca: Certificates.max(4096, { error: 'expected at most 4,096 characters: the root is enough' }),
});
export type ReceiverSettings = z.infer<typeof ReceiverSettings>;
