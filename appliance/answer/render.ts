import type { Act, Answer, Clause, Finding, Phrase } from '@physiclaw/contracts';

const LIST_WIDTH = 100;
const LINE_WIDTH = 160;
const INDENT = ' '.repeat(9);

/** A phrase as a reader sees it. */
export function shown(phrase: Phrase): string {
  return phrase.map((part) => ('text' in part ? part.text : part.shown)).join('');
}

export interface RenderOptions {
  /** At most so many findings, the worst; how many were left out is said. */
  readonly findings?: number;
}

/**
 * An answer as plain text: findings with the numbers of their receipts, acts by what came of them,
 * what was not checked, and where in the log each number stands. A function of the answer alone.
 */
export function renderAnswer(answer: Answer, { findings = Infinity }: RenderOptions = {}): string {
  const left = answer.findings.length - findings;
  return [
    ...answer.clauses.filter(({ outcome }) => outcome !== 'answered').flatMap(renderClause),
    ...answer.findings.slice(0, findings).flatMap((finding) => renderFinding(finding, answer)),
    ...(left > 0 ? [`${INDENT}and ${left} lesser findings`] : []),
    ...(answer.prose.length > 0 ? [shown(answer.prose)] : []),
    ...answer.acts.filter((act) => isTold(act, answer)).map(renderAct),
    ...renderDoubts(answer),
    renderReceipts(answer),
  ]
    .flatMap(wrapped)
    .join('\n');
}

/** Lines of at most 160 characters, broken between words; what follows stands further in. */
function wrapped(line: string): string[] {
  const at = line.length > LINE_WIDTH ? line.lastIndexOf(' ', LINE_WIDTH) : -1;
  if (at <= INDENT.length) return [line];
  return [line.slice(0, at), ...wrapped(`${INDENT}${line.slice(at + 1)}`)];
}

function renderFinding(
  { severity, sentence, cause, advice, facts }: Finding,
  answer: Answer,
): string[] {
  const numbers = new Set(
    answer.facts.filter(({ id }) => facts.includes(id)).map(({ receipt }) => receipt),
  );
  const marks = [...numbers]
    .toSorted((a, b) => a - b)
    .map((number) => `[${number}]`)
    .join('');
  return [
    `${severity.padEnd(8)} ${shown(sentence)} ${marks}`.trimEnd(),
    ...(cause ? [`${INDENT}because ${shown(cause)}`] : []),
    ...(advice ? [`${INDENT}advice: ${shown(advice)}`] : []),
  ];
}

function renderClause({ text, outcome, nearest, open, rule, receipt }: Clause): string[] {
  const mark = receipt === undefined ? '' : ` [${receipt}]`;
  if (outcome === 'refused') return [`refused  “${text}”: ${rule ?? 'by policy'}${mark}`];
  if (outcome === 'model-required') {
    return [`no answer to “${text}”: it needs a language model (physiclaw model use URL)`];
  }
  if (open !== undefined) {
    const slots = open.map((slot) => `${slot}=…`).join(' ');
    return [
      `“${text}” leaves ${open.join(', ')} open: physiclaw run ${nearest[0]?.runbook} ${slots}`,
    ];
  }
  const offers = nearest.map(
    ({ runbook, title }) => `${INDENT}physiclaw run ${runbook}   ${title}`,
  );
  return [`nothing here is near enough to “${text}”; nearest:`, ...offers];
}

/** What only read is told by its findings; what was asked for, changed or went wrong has its line. */
function isTold({ label }: Act, { planner }: Answer): boolean {
  return label !== 'done' || planner !== 'runbook';
}

/** An act in a line. */
export function renderAct({ label, title, rules, request, receipt }: Act): string {
  const mark = receipt === undefined ? '' : ` [${receipt}]`;
  const why = rules.length > 0 ? ` (${rules.join(', ')})` : '';
  const wait = request === undefined || label !== 'waits' ? '' : ` ${request}`;
  return `${label.padEnd(8)} ${title}${why}${wait}${mark}`;
}

function renderDoubts({ notChecked }: Answer): string[] {
  const whats = new Map<string, string[]>();
  for (const { what, why } of notChecked) whats.set(why, [...(whats.get(why) ?? []), what]);
  return [...whats].map(([why, what]) => `not checked: ${shortList(what)} (${why})`);
}

/** As many as a line has room for, and how many more there are. */
function shortList(whats: readonly string[]): string {
  let shownOnes = 1;
  const width = () => whats.slice(0, shownOnes + 1).join(', ').length;
  while (shownOnes < whats.length && width() <= LIST_WIDTH) shownOnes += 1;
  const left = whats.length - shownOnes;
  return `${whats.slice(0, shownOnes).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}

function renderReceipts({ id, receipts, planner }: Answer): string {
  const marks = receipts.map(({ index }, at) => `[${at + 1}] entry ${index}`);
  return `${id} · planner ${planner} · ${marks.length > 0 ? `log: ${marks.join(', ')}` : 'no act'}`;
}
