import type { ApprovalStatement, ResumeStatement, Statement } from '@physiclaw/contracts';
import { describe, expect, test } from 'vitest';
import {
  canonicalize,
  encodeBase64,
  signerFromSeed,
  signStatement,
  verifyStatement,
} from '@physiclaw/proof';
import { byteChanges } from '../byte-changes.ts';

const person = signerFromSeed(new Uint8Array(32).fill(1));
const stranger = signerFromSeed(new Uint8Array(32).fill(2));

const approval: ApprovalStatement = {
  type: 'physiclaw/approval/v1',
  verdict: 'approve',
  request: `r-${'0'.repeat(32)}`,
  intent: 'a'.repeat(64),
  scope: 'once',
  notAfter: '2030-01-01T00:00:00Z',
  policy: 'b'.repeat(64),
  log: { origin: 'physiclaw.example/log', size: 7 },
  key: person.did,
};
const signed = signStatement(approval, person);

describe('a statement', () => {
  test('holds for the key that it names', () => {
    expect(verifyStatement(signed)).toBe(true);
    expect(signed.statement).toBe(approval);
  });

  test('is signed over its type, a zero byte and its canonical JSON', () => {
    const message = `physiclaw/approval/v1\0${canonicalize(approval)}`;
    expect(signed.signature).toBe(encodeBase64(person.sign(new TextEncoder().encode(message))));
  });

  test.each<[string, Partial<ApprovalStatement>]>([
    ['verdict', { verdict: 'deny' }],
    ['request', { request: `r-${'1'.repeat(32)}` }],
    ['intent', { intent: 'c'.repeat(64) }],
    ['expiry', { notAfter: '2031-01-01T00:00:00Z' }],
    ['policy', { policy: 'd'.repeat(64) }],
    ['log size', { log: { ...approval.log, size: 8 } }],
    ['key', { key: stranger.did }],
  ])('with another %s does not hold', (_, change) => {
    const statement = { ...approval, ...change };
    expect(verifyStatement({ ...signed, statement })).toBe(false);
  });

  test('of one kind cannot be passed off as one of another', () => {
    const resume: ResumeStatement = {
      type: 'physiclaw/resume/v1',
      kill: `k-${'0'.repeat(32)}`,
      key: person.did,
    };
    const text = canonicalize(resume);
    const signature = encodeBase64(
      person.sign(new TextEncoder().encode(`physiclaw/approval/v1\0${text}`)),
    );
    expect(verifyStatement({ statement: resume, signature })).toBe(false);
  });

  test('does not hold after a change of one byte of its signature', () => {
    const changes = [...byteChanges(signed.signature)];
    const holds = (signature: string): boolean => verifyStatement({ ...signed, signature });
    expect(changes.filter(holds)).toEqual([]);
  });

  test('with a key that is none does not hold', () => {
    const statement: Statement = { ...approval, key: 'did:web:example.com' };
    expect(verifyStatement({ ...signed, statement })).toBe(false);
  });

  test('with a lone surrogate does not hold', () => {
    const statement = { ...approval, log: { origin: '\ud800', size: 7 } };
    expect(verifyStatement({ ...signed, statement })).toBe(false);
  });

  test('in the name of somebody else is not signed', () => {
    expect(() => signStatement(approval, stranger)).toThrow(
      expect.objectContaining({ code: 'PROOF_KEY_INVALID' }),
    );
  });
});
