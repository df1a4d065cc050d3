import type { GenerationEvent } from '@physiclaw/contracts';

export type FailureCode = Extract<GenerationEvent, { type: 'failed' }>['code'];

/** A model server that did not do what its contract says. Its own words are never relayed. */
export class BackendFailure extends Error {
  override name = 'BackendFailure';
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
