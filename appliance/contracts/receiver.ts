import { z } from 'zod';

const EXPECTED =
  'expected relp://HOST:PORT or tls://HOST:PORT, the port from 1 to 65535; both speak TLS, plain TCP and UDP are refused: who is on the way could read and change what the log says';
// Letters beside the base64 could be anything: a private key, say.
const BLOCKS = /^(\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----)+\s*$/;

/** Where a receiver of the log is, and what it speaks. */
export const Destination = z
  .string()
  .regex(/^(relp|tls):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):[0-9]{1,5}$/, {
    error: EXPECTED,
  })
  .refine((text) => URL.canParse(text) && Number(new URL(text).port) > 0, { error: EXPECTED });

/** Certificates in PEM. */
export const Certificates = z
  .string()
  .includes('-----BEGIN CERTIFICATE-----', { error: 'expected certificates in PEM' })
  .max(65_536);

/** A receiver of the log, as a person names it by his signature: all of it stands in the log. */
export const ReceiverSettings = z.strictObject({
  destination: Destination,
  /** Of the authorities that may vouch for it. The statement stands in one entry of the log. */
  ca: z
    .string()
    .max(4096, { error: 'expected certificates of at most 4,096 characters: the root is enough' })
    .regex(BLOCKS, { error: 'expected certificates in PEM, whole, and nothing beside them' }),
});
export type ReceiverSettings = z.infer<typeof ReceiverSettings>;
