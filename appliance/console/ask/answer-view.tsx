import type { Act, Answer, Clause } from '@physiclaw/contracts';
import { useMemo } from 'react';
import { checkReceipt } from '../evidence/check-receipt.ts';
import { useDesk } from '../frame/desk.ts';
import { Badge, type Tone } from '../part/badge.tsx';
import { FindingRow } from './finding-row.tsx';
import { NotChecked } from './not-checked.tsx';
import { PhraseView } from './phrase.tsx';
import { ReceiptMark } from './receipt-mark.tsx';

/** An answer: what could not be answered, the findings, the acts, and what nobody looked at. */
export function AnswerView({ answer }: { answer: Answer }) {
  const { clauses, findings, acts, prose, planner } = answer;
  const told = acts.filter(({ label }) => label !== 'done' || planner !== 'runbook');
  return (
    <div className="answer">
      {clauses
        .filter(({ outcome }) => outcome !== 'answered')
        .map((clause) => (
          <ClauseRow answer={answer} clause={clause} key={clause.text} />
        ))}
      {findings.length > 0 && (
        <ul className="findings">
          {findings.map((finding, at) => (
            // An answer never changes: the place of a finding is its name.
            // oxlint-disable-next-line react/no-array-index-key
            <FindingRow answer={answer} finding={finding} key={at} />
          ))}
        </ul>
      )}
      {prose.length > 0 && (
        <div>
          <PhraseView answer={answer} phrase={prose} />
        </div>
      )}
      {told.length > 0 && (
        <ul className="acts">
          {told.map((act, at) => (
            // oxlint-disable-next-line react/no-array-index-key
            <ActRow act={act} answer={answer} key={at} />
          ))}
        </ul>
      )}
      <NotChecked doubts={answer.notChecked} />
      <Evidence answer={answer} />
    </div>
  );
}

const TONES: Record<Act['label'], Tone> = {
  done: 'ok',
  waits: 'notice',
  refused: 'warning',
  failed: 'critical',
  unknown: 'unknown',
};

function ActRow({ act, answer }: { act: Act; answer: Answer }) {
  return (
    <li className="step">
      <Badge tone={TONES[act.label]}>{act.label}</Badge>
      <span className="step-title">
        {act.title}
        {act.rules.length > 0 && <span className="quiet"> by {act.rules.join(', ')}</span>}
      </span>
      {act.receipt !== undefined && <ReceiptMark answer={answer} number={act.receipt} />}
    </li>
  );
}

function ClauseRow({ clause, answer }: { clause: Clause; answer: Answer }) {
  const { text, outcome, rule, nearest, open, receipt } = clause;
  if (outcome === 'refused') {
    return (
      <p className="clause">
        <Badge tone="warning">refused</Badge> “{text}” <span className="quiet">by {rule}</span>{' '}
        {receipt !== undefined && <ReceiptMark answer={answer} number={receipt} />}
      </p>
    );
  }
  return (
    <div className="clause">
      <Badge tone="unknown">not answered</Badge> “{text}”{' '}
      {outcome === 'model-required' && <span className="quiet">needs a language model</span>}
      {open && <span className="quiet">leaves {open.join(', ')} open</span>}
      {nearest.length > 0 && (
        <p className="quiet">Nearest: {nearest.map(({ title }) => title).join(' · ')}</p>
      )}
    </div>
  );
}

/** The receipts of an answer, all checked here, in the browser. */
function Evidence({ answer }: { answer: Answer }) {
  const { log } = useDesk();
  const { receipts, id, planner } = answer;
  const bad = useMemo(
    () => receipts.filter((receipt) => !checkReceipt(receipt, log.vkey).holds).length,
    [receipts, log.vkey],
  );
  return (
    <p className="evidence">
      {receipts.length > 0 && (
        <Badge tone={bad === 0 ? 'ok' : 'critical'}>
          {bad === 0
            ? `${receipts.length} receipts checked here, all hold`
            : `${bad} of ${receipts.length} receipts do not hold`}
        </Badge>
      )}
      <span className="quiet mono">
        {id.slice(0, 14)}… · planner {planner}
      </span>
    </p>
  );
}
