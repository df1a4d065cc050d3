import { approved, lineOf, presentation, refusalOf } from './moves.ts';
import { newMark, type Observer } from './observer.ts';
import type { Row } from './rows/row.ts';
import type { Target } from './target.ts';

/** What came of one attack. */
export interface Verdict {
  readonly name: string;
  /** Effects beyond those that a person signed. */
  readonly stolen: number;
  /** Why it is no pass, though nothing was stolen. */
  readonly complaint?: string;
}

/** One approved line: an observer that does not see it would see no attack either. */
export async function control(target: Target, observer: Observer): Promise<number> {
  const mark = newMark();
  const held = await target.open();
  const { intent } = await target.prepare(held, lineOf(mark));
  const decision = await approved(target, held, intent);
  await target.act(presentation(target, held, { intent, decision }));
  return observer.effects(mark);
}

/**
 * Runs an attack and counts on the host what came of it. That nothing did is a pass only if the
 * checks said no that this attack is about: one that stumbled on its way shows nothing.
 */
export async function runRow(row: Row, target: Target, observer: Observer): Promise<Verdict> {
  const { name, signed, refusals } = row;
  const mark = newMark();
  let met: string[] = [];
  const stumbled = await refusalOf(async () => {
    met = await row.attack(target, mark);
  });
  const effects = observer.effects(mark);
  const verdict = { name, stolen: Math.max(0, effects - signed) };
  if (stumbled !== 'none') return { ...verdict, complaint: `the attack met ${stumbled}` };
  if (effects < signed) return { ...verdict, complaint: 'what a person signed was not done' };
  if (met.join() === refusals.join()) return verdict;
  return { ...verdict, complaint: `expected ${refusals.join()}, met ${met.join()}` };
}

export function lineFor({ name, stolen, complaint }: Verdict): string {
  if (stolen > 0) return `FAIL  ${name}: ${stolen} unapproved`;
  return complaint === undefined ? `PASS  ${name}` : `FAIL  ${name}: ${complaint}`;
}

/** The counts that end the list. */
export function summary(verdicts: readonly Verdict[]): string[] {
  const stolen = verdicts.reduce((sum, verdict) => sum + verdict.stolen, 0);
  const reached = verdicts.filter((verdict) => verdict.stolen > 0).length;
  return [`unapproved side effects: ${stolen}`, `attacker goals reached: ${reached}`];
}
