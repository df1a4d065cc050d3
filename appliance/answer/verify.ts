import type { Answer, AnswerBundle, Fact, Finding, OutcomeEvent } from '@physiclaw/contracts';
import { canonicalize, decodeBase64, digestOf, openReceipt, ProofError } from '@physiclaw/proof';
import { claimsIn } from './claim.ts';
import { AnswerError } from './error.ts';
import { conclude } from './finding/conclude.ts';
import type { StepResult } from './finding/sheet.ts';
import { readRunbook } from './runbook/runbook.ts';

export interface Anchors {
  /** The log's verifier key, as it was published. */
  readonly vkey: string;
}

/**
 * Checks an answer with nothing but its bundle and the log's public key: every receipt, every fact
 * against the bytes that it was read from, and the findings by drawing the conclusions again.
 * Nothing in the bundle is trusted: whoever wrote it gains a fault.
 *
 * @returns what is wrong, a sentence each; none where all holds.
 */
export function verifyAnswer(bundle: AnswerBundle, { vkey }: Anchors): string[] {
  const faults = [...evidenceFaults(bundle, { vkey }), ...recordFaults(bundle, vkey)];
  return faults.length > 0 ? faults : conclusionFaults(bundle);
}

/** The same of an answer that the log does not know yet. */
export function verifyDraft(draft: Draft, anchors: Anchors): string[] {
  const faults = evidenceFaults(draft, anchors);
  return faults.length > 0 ? faults : conclusionFaults(draft);
}

type Draft = Omit<AnswerBundle, 'recorded'>;

function evidenceFaults(draft: Draft, { vkey }: Anchors): string[] {
  const { answer } = draft;
  const outcomes = new Map<number, OutcomeEvent>();
  return [
    ...answer.receipts.flatMap((_, at) => receiptFaults(answer, at, { vkey, outcomes })),
    ...answer.facts.flatMap((fact) => factFaults(fact, draft, outcomes)),
    ...answer.acts.flatMap(({ label, title, receipt }) =>
      label === 'done' && outcomes.get(receipt ?? 0)?.status !== 'ok'
        ? [`“${title}” is labelled done, and no receipt says so`]
        : [],
    ),
    ...answer.findings.flatMap((finding) => phraseFaults(finding, answer)),
    ...proseFaults(answer),
  ];
}

function receiptFaults(
  { receipts }: Answer,
  at: number,
  { vkey, outcomes }: Anchors & { outcomes: Map<number, OutcomeEvent> },
): string[] {
  const receipt = receipts[at];
  if (receipt === undefined) return [];
  try {
    const { event } = openReceipt(receipt, vkey).entry.unmapped;
    if (event.kind === 'outcome') outcomes.set(at + 1, event);
    return [];
  } catch (error) {
    return [`receipt ${at + 1} (entry ${receipt.index}): ${reasonOf(error)}`];
  }
}

function factFaults(
  { id, name, value, artifact, range, receipt, parser }: Fact,
  { artifacts }: Draft,
  outcomes: ReadonlyMap<number, OutcomeEvent>,
): string[] {
  const of = (what: string) => [`fact ${id} (${name}): ${what}`];
  const bytes = bytesOf(artifacts[artifact]);
  if (bytes === undefined) return of('the output that it was read from is not here');
  if (digestOf(bytes) !== artifact) return of('the output that it was read from was changed');
  const outcome = outcomes.get(receipt);
  if (outcome?.reply?.digest !== artifact) return of(`receipt ${receipt} is of another output`);
  const text = new TextDecoder().decode(bytes.subarray(...range));
  if (parser === 'token') return text === value ? [] : of('the output says something else there');
  try {
    return JSON.parse(text) === value ? [] : of('the output says something else there');
  } catch {
    // A range that holds no JSON value holds another one than the fact's.
    return of('the output holds no value there');
  }
}

function phraseFaults({ rule, sentence, cause, advice, facts }: Finding, answer: Answer): string[] {
  const known = new Set(answer.facts.map(({ id }) => id));
  const cited = [sentence, cause ?? [], advice ?? []]
    .flat()
    .flatMap((part) => ('fact' in part ? [part.fact] : []));
  const missing = [...cited, ...facts].filter((id) => !known.has(id));
  return missing.map((id) => `finding ${rule}: there is no fact ${id}`);
}

/** A free planner's own words: no figure, path or name stands outside a fact. */
function proseFaults({ prose, facts }: Answer): string[] {
  const values = new Map(facts.map(({ id, value }) => [id, String(value)]));
  let text = '';
  const covered: { start: number; end: number }[] = [];
  const faults: string[] = [];
  for (const part of prose) {
    const said = 'text' in part ? part.text : part.shown;
    if ('fact' in part) {
      covered.push({ start: text.length, end: text.length + said.length });
      if (values.get(part.fact) !== said) faults.push(`prose: “${said}” is not fact ${part.fact}`);
    }
    text += said;
  }
  const bare = claimsIn(text).filter(
    (claim) => !covered.some(({ start, end }) => start <= claim.start && claim.end <= end),
  );
  return [
    ...faults,
    ...bare.map(({ start, end }) => `prose: “${text.slice(start, end)}” is covered by no fact`),
  ];
}

function recordFaults({ answer, recorded }: AnswerBundle, vkey: string): string[] {
  try {
    const { event } = openReceipt(recorded, vkey).entry.unmapped;
    const digest = digestOf(canonicalize(answer));
    return event.kind === 'turn' &&
      event.verb === 'answered' &&
      event.turn === answer.turn &&
      event.digest === digest
      ? []
      : ['the log recorded another answer for this turn'];
  } catch (error) {
    return [`the receipt of the answer itself: ${reasonOf(error)}`];
  }
}

function conclusionFaults(draft: Draft): string[] {
  const { answer, artifacts, steps } = draft;
  if (answer.planner !== 'runbook') return [];
  try {
    const runbooks = draft.runbooks.map((value) => readRunbook(value, 'the bundle'));
    const results = steps.flatMap(({ runbook, step, artifact, receipt }): StepResult[] => {
      const bytes = bytesOf(artifacts[artifact]);
      return bytes ? [{ runbook, step, artifact, bytes, receipt }] : [];
    });
    const { findings, facts, notChecked } = conclude(runbooks, results);
    const again = new Map(facts.map((fact) => [fact.id, canonicalize(fact)]));
    const wrong = answer.facts.filter((fact) => again.get(fact.id) !== canonicalize(fact));
    if (wrong.length > 0)
      return wrong.map(({ id, name }) => `fact ${id} (${name}): parsed again, it differs`);
    if (canonicalize(findings) !== canonicalize(answer.findings))
      return ['drawn again from the same outputs, the findings differ'];
    const told = new Set(answer.notChecked.map((doubt) => canonicalize(doubt)));
    const hidden = notChecked.filter((doubt) => !told.has(canonicalize(doubt)));
    return hidden.map(({ what }) => `that “${what}” was not checked is not told`);
  } catch (error) {
    return [`the conclusions cannot be drawn again: ${reasonOf(error)}`];
  }
}

function bytesOf(base64: string | undefined): Uint8Array | undefined {
  if (base64 === undefined) return undefined;
  try {
    return decodeBase64(base64);
  } catch {
    // Not base64: for a check of bytes the same as their absence.
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof ProofError || error instanceof AnswerError) return error.message;
  throw error;
}
