import type { Answer } from '@physiclaw/contracts';

/** What nobody looked at, and why: an answer is only as good as this list is short. */
export function NotChecked({ doubts }: { doubts: Answer['notChecked'] }) {
  if (doubts.length === 0) return null;
  const reasons = Map.groupBy(doubts, ({ why }) => why);
  return (
    <details className="doubts">
      <summary>
        Not checked: {doubts.length} {doubts.length === 1 ? 'thing' : 'things'}
      </summary>
      <dl>
        {[...reasons].map(([why, ones]) => (
          <div key={why}>
            <dt>{why}</dt>
            <dd>{ones.map(({ what }) => what).join(', ')}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
