export type Tone = 'critical' | 'warning' | 'notice' | 'ok' | 'unknown' | 'plain';

const SIGNS: Record<Tone, string> = {
  critical: '▲',
  warning: '◆',
  notice: '●',
  ok: '✓',
  unknown: '?',
  plain: '·',
};

/** A word with a sign and a colour: never the colour alone. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={`badge tone-${tone}`}>
      <span aria-hidden="true" className="badge-sign">
        {SIGNS[tone]}
      </span>
      {children}
    </span>
  );
}
