import type { Explanation, Intent } from '@physiclaw/contracts';
import { type Asker, questionsOf } from '../cedar/questions.ts';
import type { Opinion, Rules } from '../cedar/rules.ts';

/** What has been found out before the rules are asked. Each `string` is the rule that says no. */
export interface Findings {
  readonly killed: string | undefined;
  readonly budget: string | undefined;
  readonly hardRule: string | undefined;
  /** Of the approval that came with the call: that it counts, or why it does not; or none came. */
  readonly approval: 'given' | { readonly refused: string } | undefined;
}

export interface Judgement extends Pick<Explanation, 'verdict' | 'steps'> {
  readonly rules: readonly string[];
}

type Step = Explanation['steps'][number];

/**
 * Decides, in an order that is a promise: what stops everything, then what is used up, then what
 * no approval lifts, then the rules, without the approval and with it.
 */
export function judge(
  intent: Intent,
  asker: Omit<Asker, 'approved'>,
  { killed, budget, hardRule, approval }: Findings,
  rules: Rules,
): Judgement {
  const steps: Step[] = [];
  const deny = (check: Step['check'], result: string, names: readonly string[]): Judgement => {
    steps.push({ check, result, rules: [...names] });
    return { verdict: 'deny', rules: names, steps };
  };
  const early = [
    ['lease', killed],
    ['budgets', budget],
    ['hard-rules', hardRule],
  ] as const;
  for (const [check, rule] of early) {
    if (rule !== undefined) return deny(check, 'no', [rule]);
    steps.push({ check, result: 'passed', rules: [] });
  }
  if (typeof approval === 'object') {
    return deny('cedar-with-approval', 'no', [approval.refused]);
  }
  const ask = (approved: boolean) => askAll(intent, { ...asker, approved }, rules);
  const without = ask(false);
  if (without.type === 'error') return deny('cedar', without.message, without.rules);
  steps.push({ check: 'cedar', result: without.type, rules: [...without.rules] });
  const allowed = without.type === 'allow';
  if (allowed && !approval) return { verdict: 'allow', rules: without.rules, steps };
  const having = ask(true);
  if (having.type === 'error') return deny('cedar-with-approval', having.message, having.rules);
  if (having.type === 'deny') return deny('cedar-with-approval', 'deny', having.rules);
  steps.push({ check: 'cedar-with-approval', result: 'allow', rules: [...having.rules] });
  if (approval) return { verdict: 'allow', rules: having.rules, steps };
  return { verdict: 'ask', rules: without.rules, steps };
}

/** One opinion on all that the call touches: any error is one, then any no is one. */
function askAll(intent: Intent, asker: Asker, rules: Rules): Opinion {
  const opinions = questionsOf(intent, asker).map((question) => rules.ask(question));
  const error = opinions.find((opinion) => opinion.type === 'error');
  if (error) return { ...error, rules: named(['cedar:error', ...error.rules]) };
  const refusals = opinions.filter(({ type }) => type === 'deny');
  if (refusals.length === 0) {
    return { type: 'allow', rules: named(opinions.flatMap((opinion) => opinion.rules)) };
  }
  // A no without a rule: nothing permitted it.
  const names = refusals.flatMap((opinion) =>
    opinion.rules.length > 0 ? opinion.rules : ['cedar:no-permit'],
  );
  return { type: 'deny', rules: named(names) };
}

// An entry names sixteen rules at most.
function named(rules: readonly string[]): string[] {
  return [...new Set(rules)].slice(0, 16);
}
