import type { Answer, Finding } from '@physiclaw/contracts';
import { Badge } from '../part/badge.tsx';
import { PhraseView } from './phrase.tsx';
import { ReceiptMark } from './receipt-mark.tsx';

/** What was found, why, what to do about it, and the receipts of what it was read from. */
export function FindingRow({ finding, answer }: { finding: Finding; answer: Answer }) {
  const { severity, sentence, cause, advice, facts } = finding;
  const numbers = new Set(
    answer.facts.filter(({ id }) => facts.includes(id)).map(({ receipt }) => receipt),
  );
  return (
    <li className={`finding tone-${severity}`}>
      <Badge tone={severity}>{severity}</Badge>
      <div>
        <div className="sentence">
          <PhraseView answer={answer} phrase={sentence}>
            {' '}
            {[...numbers]
              .toSorted((a, b) => a - b)
              .map((number) => (
                <ReceiptMark answer={answer} key={number} number={number} />
              ))}
          </PhraseView>
        </div>
        {cause && (
          <div className="quiet">
            because <PhraseView answer={answer} phrase={cause} />
          </div>
        )}
        {advice && (
          <div className="advice">
            <PhraseView answer={answer} phrase={advice} />
          </div>
        )}
      </div>
    </li>
  );
}
