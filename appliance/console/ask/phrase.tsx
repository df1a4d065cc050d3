import type { Answer, Phrase } from '@physiclaw/contracts';
import { type ReactNode, useState } from 'react';
import { Facts } from '../part/facts.tsx';

interface PhraseProps {
  readonly phrase: Phrase;
  readonly answer: Answer;
  /** What stands behind the sentence. */
  readonly children?: ReactNode;
}

/** A sentence; every figure and name in it says, when pressed, which bytes it was read from. */
export function PhraseView({ phrase, answer, children }: PhraseProps) {
  const [shown, setShown] = useState<string>();
  const fact = answer.facts.find(({ id }) => id === shown);
  return (
    <>
      {phrase.map((part, at) =>
        'text' in part ? (
          // A phrase never changes: the place of a part is its name.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={at}>{part.text}</span>
        ) : (
          <button
            aria-expanded={part.fact === shown}
            className="fact"
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            onClick={() => setShown(part.fact === shown ? undefined : part.fact)}
            type="button"
          >
            {part.shown}
          </button>
        ),
      )}
      {children}
      {fact && (
        <div className="fact-source">
          <Facts
            rows={[
              ['fact', <code key="fact">{fact.name}</code>],
              ['value', <code key="value">{String(fact.value)}</code>],
              ['read by', <code key="parser">{fact.parser}</code>],
              ['from bytes', `${fact.range[0]} to ${fact.range[1]}`],
              ['of output', <code key="artifact">{fact.artifact}</code>],
              ['receipt', `[${fact.receipt}]`],
            ]}
          />
        </div>
      )}
    </>
  );
}
