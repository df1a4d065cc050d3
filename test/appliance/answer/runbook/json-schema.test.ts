import { readFileSync } from 'node:fs';
import { runbookJsonSchema } from '@physiclaw/answer';
import { expect, test } from 'vitest';

test('the JSON Schema beside the skills is the one that runbooks have (npm run generate)', () => {
  const file = readFileSync('skills/runbook.schema.json', 'utf8');

  expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(runbookJsonSchema())));
});
