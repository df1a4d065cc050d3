import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnswerBundle } from '@physiclaw/contracts';
import { writeDurable } from '@physiclaw/platform';
import { AgentError } from '../errors.ts';

/** Answers with all that a check of them needs. Not trusted: the check is what makes one worth it. */
export class Archive {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  async keep(bundle: AnswerBundle): Promise<void> {
    await writeDurable(this.#path(bundle.answer.id), Buffer.from(JSON.stringify(bundle)));
  }

  /** @throws AgentError AGENT_ANSWER_UNKNOWN */
  get(id: string): AnswerBundle {
    try {
      return AnswerBundle.parse(JSON.parse(readFileSync(this.#path(id), 'utf8')));
    } catch (cause) {
      throw new AgentError('AGENT_ANSWER_UNKNOWN', `there is no answer ${id}`, { cause });
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
