import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, methods } from '@physiclaw/contracts';
import { placesOf, readState } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyFolder } from '#appliance/cli/log/log-folder.ts';
import { type Stack, startStack } from '../e2e/stack.ts';
import { Person } from '../e2e/person.ts';
import { beginTurn, endOf } from './turn.ts';
import { EFFECTS, lineOf, openTwelve } from './twelve.ts';

const KILLS = Number(process.env['CRASH_KILLS'] ?? 100);
const MINUTES = Number(process.env['SUITE_MINUTES'] ?? 60);
const HURRIED = process.env['SUITE_MINUTES'] !== undefined;
const LAST_WORDS = 1500;
const KILLS_A_TURN = 2;
const VICTIMS = ['agent', 'tools', 'policy', 'audit'] as const;
const seed =
  process.env['CRASH_SEED'] ??
  execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();

const cleanUp = new AsyncDisposableStack();
const twelve = cleanUp.use(openTwelve());
let stack: Stack;
let person: Person;
beforeAll(async () => {
  stack = cleanUp.use(await startStack({ config: twelve.config }));
  person = new Person(stack.home);
  const approving = new AbortController();
  const approver = person.approveAll(approving.signal);
  cleanUp.defer(() => {
    approving.abort();
    return approver;
  });
});
afterAll(() => cleanUp.disposeAsync());

interface Kill {
  readonly victim: string;
  readonly afterMs: number;
}

/** What became of one turn in which services were killed. */
interface Verdict {
  readonly name: string;
  readonly victims: readonly string[];
  /** Acts that are not what they are reported as. */
  readonly wrong: readonly string[];
  readonly unknown: number;
}

test(
  `${KILLS} kills -9: each effect happened once or is reported unknown, and every turn ends`,
  async () => {
    const verdicts: Verdict[] = [];
    let usualMs = await timeOf(() => runTurn('warm up', []));
    const end = Date.now() + MINUTES * 54_000;
    for (let done = 0; done < KILLS && Date.now() < end;) {
      const kills = drawKills(done, Math.min(KILLS_A_TURN, KILLS - done), usualMs);
      const began = Date.now();
      verdicts.push(await runTurn(`turn ${done}`, kills));
      usualMs = Math.min(usualMs * 1.2, (usualMs * 3 + Date.now() - began) / 4);
      done += kills.length;
    }
    report(verdicts, usualMs);

    expect(verdicts.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(verdicts.filter(({ unknown, victims }) => unknown > victims.length)).toEqual([]);
    // All of them, unless whoever runs the suite has less time.
    expect(killsOf(verdicts)).toBeGreaterThanOrEqual(HURRIED ? 1 : KILLS);
  },
  MINUTES * 60_000 + 120_000,
);

test('every entry that was acknowledged is in the log, and the log extends each checkpoint', async () => {
  const { log, anchors } = placesOf(stack.home);
  const vkey = readFileSync(join(anchors, 'log.vkey'), 'utf8').trim();
  const held = new Map(person.receipts.map((receipt) => [receipt.index, receipt]));
  const entries = await entriesOfLog();
  const lost = [...held.values()].filter(({ index, entry }) => entries[index] !== entry);
  const checkpoints = new Set([...held.values()].map(({ checkpoint }) => checkpoint));
  const some = [...checkpoints].filter((_, at) => at % Math.ceil(checkpoints.size / 40) === 0);
  for (const since of some) await verifyFolder(log, { vkey, since });
  process.stdout.write(
    `crash: ${held.size} acknowledged entries, ${lost.length} lost; ${some.length} checkpoints extended\n`,
  );

  expect(held.size).toBeGreaterThan(EFFECTS);
  expect(lost).toEqual([]);
}, 120_000);

async function runTurn(title: string, kills: readonly Kill[]): Promise<Verdict> {
  const begun = await beginTurn(person, title);
  try {
    const ended = endOf(person, begun);
    const [answer] = await Promise.all([ended, ...kills.map(async (one) => kill(one))]);
    return { victims: kills.map(({ victim }) => victim), ...judge(begun.name, answer) };
  } catch (cause) {
    const story = JSON.stringify({ seed, begun, kills, services: servicesNow() });
    throw new Error(`a turn did not end: ${story}\n${lastWords()}`, { cause });
  }
}

function servicesNow(): unknown {
  return readState(stack.home)?.services;
}

/** The end of the log of each service that is killed here: it goes with the stack. */
function lastWords(): string {
  const { logs } = placesOf(stack.home);
  return VICTIMS.map((service) => {
    const text = readFileSync(join(logs, `${service}.log`), 'utf8');
    return `${service}: ${text.slice(-LAST_WORDS)}`;
  }).join('\n');
}

/** Kills number `first` and on, of one turn: who, and how long after its begin. */
function drawKills(first: number, count: number, usualMs: number): Kill[] {
  return Array.from({ length: count }, (_, at) => ({
    victim: victimOf(first + at),
    afterMs: draw(first + at) * usualMs,
  }));
}

/** Each of them as often as the others, beside another one in each round. */
function victimOf(number: number): string {
  const round = Math.floor(number / VICTIMS.length);
  return VICTIMS[(number + round) % VICTIMS.length] ?? 'agent';
}

async function kill({ victim, afterMs }: Kill): Promise<void> {
  await sleep(afterMs);
  for (;;) {
    const pid = readState(stack.home)?.services[victim]?.pid;
    if (pid !== undefined) return void process.kill(pid, 'SIGKILL');
    // It has not been started again after the last kill.
    await sleep(10);
  }
}

/** Holds the ledger against what the turn says of itself. */
function judge(name: string, answer: Answer): Omit<Verdict, 'victims'> {
  const lines = twelve.ledger.lines();
  const acts = Array.from({ length: EFFECTS }, (_, step) => {
    const written = lines.filter((line) => line === lineOf(name, step)).length;
    const { label = 'absent', rules = [] } = answer.acts[step] ?? {};
    return { step, label, rules, written };
  });
  const wrong = acts
    .filter(({ label, written }) => !(label === 'unknown' ? written <= 1 : isDone(label, written)))
    .map((act) => JSON.stringify(act));
  return { name, wrong, unknown: acts.filter(({ label }) => label === 'unknown').length };
}

function isDone(label: string, written: number): boolean {
  return label === 'done' && written === 1;
}

async function entriesOfLog(): Promise<string[]> {
  const entries: string[] = [];
  for (let size = 1; entries.length < size;) {
    const asked = { from: entries.length, count: 256 };
    const page = await person.persist(
      (client) => client.call('auditTail', methods.auditTail, asked),
      20_000,
    );
    entries.push(...page.entries);
    ({ size } = page);
  }
  return entries;
}

async function timeOf(what: () => Promise<unknown>): Promise<number> {
  const began = Date.now();
  await what();
  return Date.now() - began;
}

/** A number from 0 to 1 that the seed decides. */
function draw(number: number): number {
  const bytes = createHash('sha256').update(`${seed} ${number}`).digest();
  return bytes.readUIntBE(0, 6) / 2 ** 48;
}

function report(verdicts: readonly Verdict[], usualMs: number): void {
  const unknown = verdicts.reduce((sum, verdict) => sum + verdict.unknown, 0);
  const wrong = verdicts.reduce((sum, verdict) => sum + verdict.wrong.length, 0);
  const lines = twelve.ledger.lines();
  process.stdout.write(
    `crash: seed ${seed}: ${killsOf(verdicts)} kills, ${verdicts.length * EFFECTS} effects, ` +
      `${lines.length - new Set(lines).size} twice, ${unknown} unknown, ${wrong} wrongly reported; ` +
      `a turn takes ${(usualMs / 1000).toFixed(1)} s\n`,
  );
}

function killsOf(verdicts: readonly Verdict[]): number {
  return verdicts.reduce((sum, { victims }) => sum + victims.length, 0);
}
