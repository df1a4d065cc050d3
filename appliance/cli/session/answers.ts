import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AnswerBundle, methods } from '@physiclaw/contracts';
import { writeDurable } from '@physiclaw/platform';
import type { Client } from './client.ts';

/** Fetches an answer with all that a check of it needs, and keeps it for when nothing runs. */
export async function keepAnswer(
  client: Client,
  folder: string,
  id: string,
): Promise<AnswerBundle> {
  const bundle = await client.call('answerBundle', methods.answerBundle, { id });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const bytes = Buffer.from(JSON.stringify(bundle));
  await writeDurable(answerPath(folder, id), bytes, { mode: 0o600 });
  return bundle;
}

export function answerPath(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}
