import { methods } from '@physiclaw/contracts';
import { useCall } from '../door/use-call.ts';
import { useDesk } from '../frame/desk.ts';
import { ViewHead } from '../frame/view-head.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { useConversation } from './conversation.ts';
import { QuestionForm } from './question-form.tsx';
import { Suggestions } from './suggestions.tsx';
import { TurnCard } from './turn-card.tsx';

/** Ask in words, or by a runbook; each answer with what proves it. */
export function AskView() {
  const { door } = useDesk();
  const { turns, ask, doing, failure } = useConversation();
  const abilities = useCall(door, ['abilities', methods.abilities, {}]);
  const runbooks = abilities.value?.runbooks ?? [];
  return (
    <>
      <ViewHead title="Ask">
        {abilities.value && (
          <p className="quiet">
            {abilities.value.planner === 'runbook'
              ? `Planned by ${runbooks.length} runbooks, with no language model`
              : 'Planned by a model, behind the same gate'}
          </p>
        )}
      </ViewHead>
      <QuestionForm
        doing={doing}
        onAsk={(text) => ask({ type: 'question', text }, text)}
        placeholder={runbooks[0]?.asks[1] ?? 'Is a disk filling up?'}
      />
      {failure && <FailureNotice failure={failure} title="The question was not asked" />}
      {abilities.failure && <FailureNotice failure={abilities.failure} title="No runbooks came" />}
      <Suggestions
        isOpen={turns.length === 0}
        onAsk={(text) => ask({ type: 'question', text }, text)}
        runbooks={runbooks}
      />
      {turns.length > 0 && (
        <section aria-label="Answers" className="turns">
          {turns.map(({ session, turn, question }, at) => (
            <TurnCard
              isLatest={at === 0}
              key={turn}
              question={question}
              session={session}
              turn={turn}
            />
          ))}
        </section>
      )}
    </>
  );
}
