import { Component, type ReactNode } from 'react';
import { failureOf, type Refusal } from '../door/refusal.ts';
import { FailureNotice } from './notice.tsx';

/** Keeps a view that broke from taking the frame, and the switch in it, along. */
export class FaultBoundary extends Component<
  { readonly children: ReactNode },
  { readonly failure?: Refusal }
> {
  override state: { readonly failure?: Refusal } = {};

  static getDerivedStateFromError(error: unknown): { failure: Refusal } {
    return { failure: failureOf(error) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === undefined) return this.props.children;
    return <FailureNotice failure={failure} title="This view broke; the others go on" />;
  }
}
