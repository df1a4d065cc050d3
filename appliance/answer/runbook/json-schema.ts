import { z } from 'zod';
import { Runbook } from './runbook.ts';

/** The schema of a runbook's file for editors: JSON Schema, draft 2020-12. */
export function runbookJsonSchema(): z.core.JSONSchema.JSONSchema {
  return {
    title: 'Physiclaw runbook',
    ...z.toJSONSchema(Runbook, { io: 'input', target: 'draft-2020-12' }),
  };
}
