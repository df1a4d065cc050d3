import { isRecoveryKey } from '@physiclaw/seal';
import { parse } from 'yaml';
import { z } from 'zod';
import { FirstBootError } from '../error.ts';

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** All that the owner may say of the machine before anybody signed in. */
export const Seed = z.strictObject({
  /** Its one address, with the length of the network's prefix. */
  address: z
    .cidrv4({ error: 'expected an IPv4 address and the length of its network, as 192.0.2.7/24' })
    .optional(),
  /** The name by which browsers reach it. */
  host: z
    .string()
    .max(253)
    .refine((name) => name.split('.').every((label) => LABEL.test(label)), {
      error: 'expected a host name in small letters, as console.example',
    })
    .optional(),
  /** Opens the state volume where the TPM does not. */
  recovery: z
    .string()
    .refine(isRecoveryKey, { error: 'expected eight groups of eight letters joined by hyphens' })
    .optional(),
});
export type Seed = z.infer<typeof Seed>;

/**
 * Reads the text of a seed. No value of it is quoted: the screen shows the message.
 *
 * @throws FirstBootError FIRSTBOOT_SEED_REFUSED that names each fault.
 */
export function parseSeed(text: string): Seed {
  const { error, data } = Seed.safeParse(valueOf(text));
  if (data !== undefined) return data;
  throw refused(error.issues.map(faultOf).join('; '));
}

function valueOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 }) ?? {};
  } catch {
    // The parser's message quotes the text.
    throw refused('expected YAML, found something else');
  }
}

function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `expected address, host and recovery, found ${issue.keys.length} other keys`;
  }
  return `${issue.path.join('.') || 'the file'}: ${issue.message}`;
}

function refused(faults: string): FirstBootError {
  return new FirstBootError('FIRSTBOOT_SEED_REFUSED', `seed.yaml: ${faults}; correct the file`);
}
