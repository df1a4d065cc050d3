import type { Clause, Receipt } from '@physiclaw/contracts';
import type { Plan } from '../runbook/plan.ts';
import { openSlots, type Slots } from '../runbook/slots.ts';
import type { Catalogue } from '../skill/catalogue.ts';
import type { Match } from './runbook-index.ts';
import { read, type Reading, type SelectOptions } from './select.ts';
import { valuesIn } from './slot-values.ts';

export interface QuestionOptions {
  readonly catalogue: Catalogue;
  readonly select: SelectOptions;
  /** Records a refusal; resolves with its receipt. */
  readonly refuse: (rule: string) => Promise<Receipt>;
}

/** Whoever asks for a change gets what declares it, and nothing else. */
const UNDECLARED = 'runbook:declares-no-such-change';
const MOST_OFFERED = 3;
/** Of the threshold so much makes a runbook worth naming: below, none has to do with it. */
const WORTH_NAMING = 0.4;

/** Makes the plan of a question: what is run, what is offered instead, what is refused. */
export async function planOf(question: string, options: QuestionOptions): Promise<Plan> {
  const clauses: Clause[] = [];
  const refusals: Plan['refusals'] = [];
  const chosen: string[] = [];
  const slots: Record<string, string> = {};
  for (const reading of read(question, options.select)) {
    const clause = clauseOf(reading, { ...options, chosen, slots });
    if (clause.outcome === 'refused') {
      refusals.push({ clause: clauses.length, receipt: await options.refuse(UNDECLARED) });
    }
    clauses.push(clause);
  }
  return { clauses, refusals, runbooks: options.catalogue.whole(chosen), slots };
}

interface Sofar extends QuestionOptions {
  readonly chosen: string[];
  readonly slots: Record<string, string>;
}

function clauseOf(reading: Reading, options: Sofar): Clause {
  const { chosen, change, nearest } = reading;
  if (chosen) return answered(reading, chosen, options);
  if (change !== undefined && nearest.length === 0) {
    return { ...bare(reading), outcome: 'refused', rule: UNDECLARED };
  }
  const named = nearest.filter(({ score }) => score >= WORTH_NAMING * options.select.threshold);
  if (named.length === 0 && change !== undefined) {
    return { ...bare(reading), outcome: 'refused', rule: UNDECLARED };
  }
  if (named.length === 0) return { ...bare(reading), outcome: 'model-required' };
  return offered(reading, named);
}

function answered(reading: Reading, match: Match, { catalogue, chosen, slots }: Sofar): Clause {
  const { id } = match.runbook;
  const runbooks = catalogue.whole([id]);
  const values = valuesIn(reading.text, [match.runbook, ...runbooks.toReversed()]);
  const open = [
    ...new Set([...values.open, ...runbooks.flatMap((one) => openSlots(one, values.slots))]),
  ];
  if (open.length > 0) return { ...offered(reading, [match]), open };
  // One turn runs a runbook once: a second value for its slot is a second question.
  const rivals = rivalsOf(values.slots, slots);
  if (rivals.length > 0) return { ...offered(reading, [match]), open: rivals };
  Object.assign(slots, values.slots);
  if (!chosen.includes(id)) chosen.push(id);
  const { score, words } = match;
  return { ...bare(reading), outcome: 'answered', runbook: id, score, words: [...words] };
}

function rivalsOf(wanted: Slots, taken: Slots): string[] {
  return Object.keys(wanted).filter((name) => name in taken && taken[name] !== wanted[name]);
}

function offered(reading: Reading, matches: readonly Match[]): Clause {
  const [first] = matches;
  return {
    ...bare(reading),
    outcome: 'offered',
    words: [...(first?.words ?? [])],
    nearest: matches.slice(0, MOST_OFFERED).map(({ runbook, score }) => ({
      runbook: runbook.id,
      title: runbook.title,
      score,
    })),
  };
}

function bare({ text }: Reading): Pick<Clause, 'text' | 'words' | 'nearest'> {
  return { text, words: [], nearest: [] };
}
