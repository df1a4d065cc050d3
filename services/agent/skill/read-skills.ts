import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AnswerError, isParser, readRunbook, type Runbook, shortName } from '@physiclaw/answer';
import { parse } from 'yaml';
import { z } from 'zod';
import { AgentError } from '../errors.ts';

/** The front matter of SKILL.md as agentskills.io describes it. */
const FrontMatter = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  description: z.string().min(1).max(1024),
  license: z.string().optional(),
  compatibility: z.string().max(500).optional(),
  'allowed-tools': z.string().default(''),
  metadata: z.record(z.string(), z.string()).default({}),
});

export interface Skill {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** No runbook of this skill calls anything else. */
  readonly allowedTools: readonly string[];
  readonly runbooks: readonly Runbook[];
}

const Synonyms = z.array(z.array(z.string().min(1)).min(2));
export type Synonyms = z.infer<typeof Synonyms>;

/** Words that mean the same, of every folder of skills that says some. @throws AGENT_SKILL_INVALID */
export function readSynonyms(folders: readonly string[]): Synonyms {
  return folders.flatMap((folder) => {
    const file = join(folder, 'synonyms.yaml');
    if (!existsSync(file)) return [];
    const { success, data, error } = Synonyms.safeParse(yaml(readFileSync(file, 'utf8'), file));
    if (success) return data;
    throw invalid(file, z.prettifyError(error));
  });
}

/**
 * Reads every skill of some folders. Skills are trusted as far as policy trusts what they call:
 * whoever can write one chooses what is asked for, never what is allowed.
 *
 * @throws AgentError AGENT_SKILL_INVALID that names the file: an agent that knows half of its
 *   runbooks would answer as if the others had never been there.
 */
export function readSkills(folders: readonly string[]): Skill[] {
  const skills = folders.flatMap((folder) =>
    orInvalid(folder, () => readdirSync(folder, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'SKILL.md')))
      .map(({ name }) => readSkill(join(folder, name)))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
  const known = new Map(skills.flatMap(({ runbooks }) => runbooks.map((book) => [book.id, book])));
  for (const skill of skills) for (const book of skill.runbooks) check(book, skill, known);
  return skills;
}

function readSkill(folder: string): Skill {
  const file = join(folder, 'SKILL.md');
  const [, head = ''] = /^---\n(.*?)\n---\n/s.exec(readFileSync(file, 'utf8')) ?? [];
  const { success, data, error } = FrontMatter.safeParse(yaml(head, file));
  if (!success) throw invalid(file, z.prettifyError(error));
  const { name, description, metadata } = data;
  demand(name === basename(folder), file, `expected the name of its folder, found ${name}`);
  const allowedTools = data['allowed-tools'].split(/\s+/).filter(Boolean);
  const version = metadata['version'] ?? '0';
  return { name, description, version, allowedTools, runbooks: readRunbooks(folder, name) };
}

function readRunbooks(folder: string, skill: string): Runbook[] {
  const runbooks = join(folder, 'runbooks');
  if (!existsSync(runbooks)) return [];
  return readdirSync(runbooks)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => {
      const file = join(runbooks, name);
      const id = `${skill}/${basename(name, '.yaml')}`;
      const runbook = orInvalid(file, () =>
        readRunbook(yaml(readFileSync(file, 'utf8'), file), file),
      );
      demand(runbook.id === id, file, `expected the id ${id}, found ${runbook.id}`);
      return runbook;
    });
}

/** What one file alone does not tell: that all it names is there, and nothing goes in circles. */
function check(runbook: Runbook, skill: Skill, known: ReadonlyMap<string, Runbook>): void {
  const { id, steps, includes } = runbook;
  for (const { actuator, parse: parser, id: step } of steps) {
    const allowed = skill.allowedTools.includes(actuator);
    demand(
      allowed,
      id,
      `step ${step}: ${actuator} is not among the allowed-tools of ${skill.name}`,
    );
    demand(parser === undefined || isParser(parser), id, `step ${step}: no parser ${parser}`);
  }
  for (const include of includes) demand(known.has(include), id, `there is no runbook ${include}`);
  const below = belowOf(runbook, known, [id]);
  const names = below.map(shortName);
  demand(new Set(names).size === names.length, id, 'two of its runbooks have one short name');
}

function belowOf(
  { id, includes }: Runbook,
  known: ReadonlyMap<string, Runbook>,
  above: readonly string[],
): string[] {
  const below = includes.flatMap((include) => {
    demand(!above.includes(include), id, `it includes itself by ${include}`);
    const runbook = known.get(include);
    return runbook ? belowOf(runbook, known, [...above, include]) : [];
  });
  return [...new Set([...below, id])];
}

function yaml(text: string, file: string): unknown {
  return orInvalid(file, () => parse(text));
}

function orInvalid<Value>(file: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof AnswerError) throw invalid(file, cause.message, { cause });
    throw invalid(file, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function demand(holds: boolean, file: string, message: string): void {
  if (!holds) throw invalid(file, message);
}

function invalid(file: string, message: string, options?: ErrorOptions): AgentError {
  return new AgentError('AGENT_SKILL_INVALID', `${file}: ${message}`, options);
}
