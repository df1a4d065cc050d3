import { z } from 'zod';

/** SHA-256 of some bytes, in lower-case hexadecimal. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Canonical base64 (RFC 4648, section 4, padded). */
export const Base64 = z.base64();

/** An Ed25519 public key as a `did:key` (multicodec 0xed, base58btc). */
export const DidKey = z.string().regex(/^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);

/** A person's public key as a `did:key`: Ed25519 for a device key, P-256 (compressed) for a passkey. */
export const PersonKey = z
  .string()
  .regex(/^did:key:z(6Mk[1-9A-HJ-NP-Za-km-z]{44}|Dn[1-9A-HJ-NP-Za-km-z]{46})$/);

/** A session of a person with an agent; made by the gateway, 128 random bits. */
export const SessionId = z.string().regex(/^s-[0-9a-f]{32}$/);

/** One question and all that it led to; made by the gateway, 128 random bits. */
export const TurnId = z.string().regex(/^t-[0-9a-f]{32}$/);

/** One request for a person's approval; made by policy, 128 random bits. */
export const RequestId = z.string().regex(/^r-[0-9a-f]{32}$/);

/** One key that asks to be enrolled; made by policy, 128 random bits. */
export const EnrolmentId = z.string().regex(/^n-[0-9a-f]{32}$/);

/** The gate's run: new at each start, so that a restart ends every capability. */
export const Epoch = z.string().regex(/^e-[0-9a-f]{32}$/);

/** CIDv1 (dag-cbor, sha2-256) of a delegation, in base32: the name of a capability. */
export const CapabilityId = z.string().regex(/^bafyrei[a-z2-7]{52}$/);

/** A path below a workspace's root: relative, no empty, `.` or `..` segment. */
export const TreePath = z
  .string()
  .min(1)
  .max(4096)
  .refine(
    (path) =>
      !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part)),
    { error: 'expected a relative path without empty, "." or ".." segments' },
  );

/** An instant on the boot clock: which boot, and seconds since it began (suspend included). */
export const BootTime = z.strictObject({
  boot: z.string().min(1).max(64),
  seconds: z.number().nonnegative(),
});
export type BootTime = z.infer<typeof BootTime>;
