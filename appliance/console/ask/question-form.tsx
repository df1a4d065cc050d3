import { useState } from 'react';

interface QuestionProps {
  readonly doing: string | undefined;
  readonly placeholder: string;
  readonly onAsk: (text: string) => void;
}

/** Enter asks; Shift and Enter begin a new line. */
export function QuestionForm({ doing, placeholder, onAsk }: QuestionProps) {
  const [text, setText] = useState('');
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (text.trim() === '' || doing !== undefined) return;
    onAsk(text.trim());
    setText('');
  };
  return (
    <form className="question" onSubmit={submit}>
      <label className="unseen" htmlFor="question">
        Your question
      </label>
      <textarea
        id="question"
        maxLength={8192}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing)
            submit(event);
        }}
        placeholder={placeholder}
        rows={2}
        value={text}
      />
      <button aria-disabled={doing !== undefined} className="button primary" type="submit">
        {doing ?? 'Ask'}
      </button>
    </form>
  );
}
