import { useDesk } from '../frame/desk.ts';
import { FailureNotice, Notice } from '../part/notice.tsx';
import type { Progress } from '../turn/progress.ts';
import { useTurn } from '../turn/use-turn.ts';
import { AnswerView } from './answer-view.tsx';
import { Steps } from './steps.tsx';

interface TurnProps {
  readonly session: string;
  readonly turn: string;
  readonly question: string;
  /** Only the latest turn speaks up; earlier ones are read when they are looked for. */
  readonly isLatest: boolean;
}

/** One question: what is being done for it, then its answer. */
export function TurnCard({ session, turn, question, isLatest }: TurnProps) {
  const { door } = useDesk();
  const { progress, failure } = useTurn(door, session, turn);
  return (
    <article aria-label={question} className="turn">
      <h2 className="turn-question">{question}</h2>
      <output aria-live={isLatest ? 'polite' : 'off'} className="turn-now">
        {!progress.isEnded && <span aria-hidden="true" className="spinner" />}
        {sayingOf(progress)}
      </output>
      <Steps isEnded={progress.isEnded} steps={progress.steps} />
      {progress.failure && <TurnFailure {...progress.failure} />}
      {failure && <FailureNotice failure={failure} title="The turn cannot be followed" />}
      {progress.answer && <AnswerView answer={progress.answer} />}
    </article>
  );
}

function TurnFailure({ code, message }: { code: string; message: string }) {
  return (
    <Notice isUrgent title="There is no answer" tone="warning">
      <p>{message}</p>
      <p className="quiet mono">{code}</p>
    </Notice>
  );
}

const WORST = [
  ['critical', 'critical'],
  ['warning', 'warnings'],
  ['notice', 'notices'],
  ['unknown', 'unknown'],
  ['ok', 'ok'],
] as const;

/** What goes on, or how the answer turned out, in a line. */
function sayingOf({ now, answer }: Progress): string {
  if (answer === undefined) return now;
  const counts = WORST.flatMap(([severity, several]) => {
    const count = answer.findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? severity : several}`];
  });
  return counts.length > 0 ? `Answered: ${counts.join(', ')}` : 'Answered';
}
