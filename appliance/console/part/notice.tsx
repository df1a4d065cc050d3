import type { ReactNode } from 'react';
import type { Refusal } from '../door/refusal.ts';
import type { Tone } from './badge.tsx';

interface NoticeProps {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ReactNode;
  /** Whether it is said at once to whoever listens instead of looking. */
  readonly isUrgent?: boolean;
}

export function Notice({ tone, title, children, isUrgent = false }: NoticeProps) {
  return (
    <div className={`notice tone-${tone}`} role={isUrgent ? 'alert' : undefined}>
      <p className="notice-title">{title}</p>
      {children}
    </div>
  );
}

/** What went wrong, in words, with the code that the README of the service explains. */
export function FailureNotice({ failure, title }: { failure: Refusal; title: string }) {
  return (
    <Notice isUrgent title={title} tone="warning">
      <p>{sentence(failure.message)}</p>
      <p className="quiet mono">{failure.code}</p>
    </Notice>
  );
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
