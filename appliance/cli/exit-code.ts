/** What the command's exit code says; the README's table is held equal to this one by a test. */
export const exitCodes = {
  /** All that was asked for holds or was done. */
  ok: 0,
  /** Something is wrong: a fault was found, a service failed. */
  fault: 1,
  /** The command line could not be understood. */
  usage: 2,
  /** Kept for `audit verify` of an anchored log; nothing gives it yet. */
  anchored: 3,
  /** `audit verify`: sound, not anchored. */
  unanchored: 4,
  /** `policy` or `tools` said no; what they decided on is in the log. */
  refused: 5,
  /** The turn waits for a person's approval and goes on by itself after it. */
  waits: 6,
  /** The stack does not run, or does not answer. */
  unreachable: 7,
  /** Nothing here matches the question, or it needs a language model. */
  unanswered: 8,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
