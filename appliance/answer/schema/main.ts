import { writeFileSync } from 'node:fs';
import { runbookJsonSchema } from '../runbook/json-schema.ts';

writeFileSync(
  new URL('../../../skills/runbook.schema.json', import.meta.url),
  `${JSON.stringify(runbookJsonSchema(), undefined, 2)}\n`,
);
