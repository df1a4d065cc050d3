import { expect } from 'vitest';

/** A refusal of policy that says what was expected, what was found and what to do. */
export function refused(code: string): { code: string; message: unknown } {
  return { code, message: expect.stringMatching(/^expected .+, found .+: .+$/) };
}
