import type { agent } from '@physiclaw/contracts';
import type { z } from 'zod';

type Runbook = z.output<typeof agent.calls.abilities.reply>['runbooks'][number];

const SHOWN = 3;

interface SuggestionsProps {
  readonly runbooks: readonly Runbook[];
  readonly isOpen: boolean;
  readonly onAsk: (text: string) => void;
}

/** What can be asked here: each runbook, with phrases that mean it. One press asks. */
export function Suggestions({ runbooks, isOpen, onAsk }: SuggestionsProps) {
  if (runbooks.length === 0) return null;
  return (
    // Before the first question the suggestions are the page; after it they step aside.
    <details className="suggestions" key={String(isOpen)} open={isOpen}>
      <summary>What can be asked here</summary>
      <ul>
        {runbooks.map(({ id, title, asks, changes }) => (
          <li className="suggestion" key={id}>
            <h2>{title}</h2>
            <p className="quiet mono">
              {id}
              {changes ? ' · proposes changes' : ' · only looks'}
            </p>
            <ul>
              {asks.slice(0, SHOWN).map((text) => (
                <li key={text}>
                  <button className="link" onClick={() => onAsk(text)} type="button">
                    {text}
                  </button>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </details>
  );
}
