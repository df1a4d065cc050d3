import { z } from 'zod';
import { Base64, DidKey, Digest, RequestId } from './name.ts';

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
  key: DidKey,
});
export type ApprovalStatement = z.infer<typeof ApprovalStatement>;

/** Binds a key to the first person of this appliance; the key signs it itself. */
export const EnrolmentStatement = z.strictObject({
  type: z.literal('physiclaw/enrolment/v1'),
  trustDomain: z.string(),
  key: DidKey,
});
export type EnrolmentStatement = z.infer<typeof EnrolmentStatement>;

/** Proves to the gateway, once, that its holder is at the other end of this connection. */
export const SignInStatement = z.strictObject({
  type: z.literal('physiclaw/sign-in/v1'),
  trustDomain: z.string(),
  nonce: Base64,
  key: DidKey,
});
export type SignInStatement = z.infer<typeof SignInStatement>;

/** Ends the kill state that began with `kill`, and no later one. */
export const ResumeStatement = z.strictObject({
  type: z.literal('physiclaw/resume/v1'),
  kill: z.string().regex(/^k-[0-9a-f]{32}$/),
  key: DidKey,
});
export type ResumeStatement = z.infer<typeof ResumeStatement>;

export const Statement = z.discriminatedUnion('type', [
  ApprovalStatement,
  EnrolmentStatement,
  SignInStatement,
  ResumeStatement,
]);
export type Statement = z.infer<typeof Statement>;

/** A statement and its Ed25519 signature, made over the type, a zero byte and the canonical JSON. */
const signed = <Content extends z.ZodType>(content: Content) =>
  z.strictObject({ statement: content, signature: Base64 });

export const SignedApproval = signed(ApprovalStatement);
export type SignedApproval = z.infer<typeof SignedApproval>;
export const SignedEnrolment = signed(EnrolmentStatement);
export type SignedEnrolment = z.infer<typeof SignedEnrolment>;
export const SignedSignIn = signed(SignInStatement);
export type SignedSignIn = z.infer<typeof SignedSignIn>;
export const SignedResume = signed(ResumeStatement);
export type SignedResume = z.infer<typeof SignedResume>;
