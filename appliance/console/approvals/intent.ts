import { type ApprovalRequest, type Intent, visible } from '@physiclaw/contracts';
import { hashIntent, readIntent } from '@physiclaw/proof';
import { Refusal } from '../door/refusal.ts';

/**
 * The intent that a request asks for, once its bytes are known to be the ones that its hash names
 * and that a signature would bind.
 *
 * @throws Refusal CONSOLE_INTENT_MISMATCH, or ProofError PROOF_INTENT_INVALID.
 */
export function openIntent({ intent, hash }: Pick<ApprovalRequest, 'intent' | 'hash'>): Intent {
  const found = hashIntent(intent);
  if (found !== hash) {
    const message = `expected the intent ${hash}, found bytes whose hash is ${found}; nothing here can be signed`;
    throw new Refusal('CONSOLE_INTENT_MISMATCH', message);
  }
  return readIntent(intent);
}

/** What would run, in one line a person can read. */
export function titleOf({ actuator, arguments: given }: Intent): string {
  return visible([actuator, ...Object.values(given).flat().map(wordOf)].join(' '));
}

/** A word as it is; what could be taken for two words, or for none, is quoted. */
function wordOf(value: unknown): string {
  return typeof value === 'string' && /^[^\s"'\\\p{Cc}]+$/u.test(value)
    ? value
    : JSON.stringify(value);
}

const EFFECTS: Record<Intent['effects'][number], string> = {
  'read-workspace': 'reads its workspace',
  'write-workspace': 'writes its workspace',
  'read-mount': 'reads a folder of this machine',
  'write-mount': 'writes a folder of this machine',
  execute: 'runs a program',
  export: 'takes data out of its workspace',
};

export function effectsOf({ effects }: Intent): string {
  return effects.map((effect) => EFFECTS[effect]).join(', ');
}

export function limitsOf({ profile: { limits } }: Intent): string {
  const mebibytes = Math.round(limits.memoryBytes / 1_048_576);
  return `${limits.wallSeconds} s, ${limits.cpuSeconds} s of CPU, ${mebibytes} MiB, ${limits.processes} processes`;
}
