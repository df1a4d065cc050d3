import { attempt, demand } from '../error.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * UTF-8 of a text.
 *
 * @throws ProofError PROOF_TEXT_INVALID for a lone surrogate, which has no UTF-8: two texts would
 *   share their bytes.
 */
export function utf8(text: string): Uint8Array {
  demand(text.isWellFormed(), 'PROOF_TEXT_INVALID', 'a lone surrogate');
  return encoder.encode(text);
}

/** @throws ProofError PROOF_TEXT_INVALID for bytes that are not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return attempt('PROOF_TEXT_INVALID', 'the bytes are not UTF-8', () => decoder.decode(bytes));
}

/** A list, since parts can be so many that they cannot be arguments of a call. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** For public values only: it stops at the first difference. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
