import { RequestInline } from '../approvals/request-inline.tsx';
import { useDesk } from '../frame/desk.ts';
import type { Tone } from '../part/badge.tsx';
import { Badge } from '../part/badge.tsx';
import type { Step, StepState } from '../turn/progress.ts';

const SHOWN: Record<StepState, readonly [Tone, string]> = {
  asks: ['plain', 'asks policy'],
  waits: ['notice', 'waits for approval'],
  runs: ['notice', 'runs'],
  done: ['ok', 'done'],
  refused: ['warning', 'refused'],
};

/** The calls of a turn as they happen; folded away once there is an answer. */
export function Steps({ steps, isEnded }: { steps: readonly Step[]; isEnded: boolean }) {
  if (steps.length === 0) return null;
  return (
    <details className="steps" key={String(isEnded)} open={!isEnded}>
      <summary>
        {steps.length} {steps.length === 1 ? 'step' : 'steps'}
      </summary>
      <ol>
        {steps.map((step) => (
          <StepRow key={step.id} step={step} />
        ))}
      </ol>
    </details>
  );
}

function StepRow({ step }: { step: Step }) {
  const { show } = useDesk();
  const { title, actuator, state, rules, receipt, request, startedAt, endedAt } = step;
  const [tone, word] = SHOWN[state];
  return (
    <li className="step">
      <Badge tone={tone}>{word}</Badge>
      <span className="step-title">
        {title}
        {rules.length > 0 && <span className="quiet"> by {rules.join(', ')}</span>}
      </span>
      <span className="quiet mono">
        {actuator}
        {endedAt !== undefined && ` · ${secondsBetween(startedAt, endedAt)} s`}
      </span>
      {receipt && (
        <button className="mark" onClick={() => show(receipt)} type="button">
          entry {receipt.index}
        </button>
      )}
      {state === 'waits' && request !== undefined && <RequestInline request={request} />}
    </li>
  );
}

function secondsBetween(from: string, to: string): string {
  return ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1);
}
