import type { Runbook } from '@physiclaw/answer';
import { AgentError } from '../errors.ts';
import type { Skill } from './read-skills.ts';

/** All runbooks of this machine, by name. */
export class Catalogue {
  readonly #runbooks: ReadonlyMap<string, Runbook>;

  constructor(skills: readonly Pick<Skill, 'runbooks'>[]) {
    const all = skills.flatMap(({ runbooks }) => runbooks);
    this.#runbooks = new Map(all.map((runbook) => [runbook.id, runbook]));
  }

  get runbooks(): Runbook[] {
    return [...this.#runbooks.values()];
  }

  /** @throws AgentError AGENT_RUNBOOK_UNKNOWN */
  get(id: string): Runbook {
    const runbook = this.#runbooks.get(id);
    if (runbook) return runbook;
    const known = [...this.#runbooks.keys()].join(', ');
    throw new AgentError('AGENT_RUNBOOK_UNKNOWN', `there is no runbook ${id}; known are ${known}`);
  }

  /** Some runbooks with all that they include, each once and before what includes it. */
  whole(ids: readonly string[]): Runbook[] {
    const whole = new Map<string, Runbook>();
    const add = (id: string) => {
      const runbook = this.get(id);
      for (const include of runbook.includes) add(include);
      whole.set(id, runbook);
    };
    for (const id of ids) add(id);
    return [...whole.values()];
  }
}
