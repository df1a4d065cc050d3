import { z } from 'zod';
import { Base64, Digest, EnrolmentId, PersonKey, RequestId } from './name.ts';
import { ReceiverSettings } from './receiver.ts';
import { SpiffeId } from './spiffe-id.ts';

/** What a person signs about one request. Good for that request, that verdict, that scope. */
export const ApprovalStatement = z.strictObject({
  type: z.literal('physiclaw/approval/v1'),
  verdict: z.enum(['approve', 'deny']),
  request: RequestId,
  intent: Digest,
  scope: z.literal('once'),
  /** Wall time after which it counts for nothing. */
  notAfter: z.iso.datetime(),
  /** Digest of the policy that asked. */
  policy: Digest,
  /** The log as it was shown to the person who signed. */
  log: z.strictObject({ origin: z.string(), size: z.int().nonnegative() }),
  key: PersonKey,
});
export type ApprovalStatement = z.infer<typeof ApprovalStatement>;

/** Asks for a key to be enrolled on this appliance; the key signs it itself. */
export const EnrolmentStatement = z.strictObject({
  type: z.literal('physiclaw/enrolment/v1'),
  trustDomain: z.string(),
  key: PersonKey,
});
export type EnrolmentStatement = z.infer<typeof EnrolmentStatement>;

/**
 * Says, with an enrolled key, whose a key becomes that asked to be enrolled: of a person who is
 * enrolled, or of a further one, whose name is made of the key. Good for that one asking.
 */
export const EndorsementStatement = z.strictObject({
  type: z.literal('physiclaw/endorsement/v1'),
  trustDomain: z.string(),
  enrolment: EnrolmentId,
  newKey: PersonKey,
  person: SpiffeId,
  key: PersonKey,
});
export type EndorsementStatement = z.infer<typeof EndorsementStatement>;

/** Proves to the gateway, once, that its holder is at the other end of this connection. */
export const SignInStatement = z.strictObject({
  type: z.literal('physiclaw/sign-in/v1'),
  trustDomain: z.string(),
  nonce: Base64,
  key: PersonKey,
});
export type SignInStatement = z.infer<typeof SignInStatement>;

/** Ends the kill state that began with `kill`, and no later one. */
export const ResumeStatement = z.strictObject({
  type: z.literal('physiclaw/resume/v1'),
  kill: z.string().regex(/^k-[0-9a-f]{32}$/),
  key: PersonKey,
});
export type ResumeStatement = z.infer<typeof ResumeStatement>;

/**
 * Names who gets the log from here on; without a receiver nobody does. Good for one log, and once:
 * in place of the choice that the signer saw.
 */
export const ReceiverStatement = z.strictObject({
  type: z.literal('physiclaw/receiver/v1'),
  /** Verifier key of the log. */
  log: z.string().max(512),
  /** Index of the entry with the choice that this one ends; absent where there was none. */
  previous: z.int().nonnegative().optional(),
  receiver: ReceiverSettings.optional(),
  key: PersonKey,
});
export type ReceiverStatement = z.infer<typeof ReceiverStatement>;

export const Statement = z.discriminatedUnion('type', [
  ApprovalStatement,
  EnrolmentStatement,
  EndorsementStatement,
  SignInStatement,
  ResumeStatement,
  ReceiverStatement,
]);
export type Statement = z.infer<typeof Statement>;

/**
 * What a passkey signs: a WebAuthn assertion whose challenge is the SHA-256 of the message that a
 * device key would sign. Base64 of what the browser hands out, byte for byte.
 */
export const Assertion = z.strictObject({
  authenticatorData: Base64.max(512),
  clientData: Base64.max(1368),
  signature: Base64.max(128),
});
export type Assertion = z.infer<typeof Assertion>;

/**
 * A statement and its signature by the key that it names, made over the type, a zero byte and the
 * canonical JSON: of a device key Ed25519, of a passkey an assertion.
 */
const signed = <Content extends z.ZodType>(content: Content) =>
  z.strictObject({ statement: content, signature: z.union([Base64.max(128), Assertion]) });

export const SignedApproval = signed(ApprovalStatement);
export type SignedApproval = z.infer<typeof SignedApproval>;
export const SignedEnrolment = signed(EnrolmentStatement);
export type SignedEnrolment = z.infer<typeof SignedEnrolment>;
export const SignedEndorsement = signed(EndorsementStatement);
export type SignedEndorsement = z.infer<typeof SignedEndorsement>;
export const SignedSignIn = signed(SignInStatement);
export type SignedSignIn = z.infer<typeof SignedSignIn>;
export const SignedResume = signed(ResumeStatement);
export type SignedResume = z.infer<typeof SignedResume>;
export const SignedReceiver = signed(ReceiverStatement);
export type SignedReceiver = z.infer<typeof SignedReceiver>;
