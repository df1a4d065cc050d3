import { Runbook } from '@physiclaw/answer';
import { Clause, Receipt } from '@physiclaw/contracts';
import { z } from 'zod';

/**
 * What a turn will do, decided once and kept: the runbooks as they are at this moment, what their
 * slots hold, and what became of each clause. A skill that changes meanwhile changes no turn.
 */
export const Plan = z.strictObject({
  clauses: z.array(Clause),
  /** The entries by which the log knows that a clause was refused. */
  refusals: z.array(z.strictObject({ clause: z.int().nonnegative(), receipt: Receipt })),
  /** Includes stand before what includes them. */
  runbooks: z.array(Runbook),
  slots: z.record(z.string(), z.string()),
});
export type Plan = z.infer<typeof Plan>;
