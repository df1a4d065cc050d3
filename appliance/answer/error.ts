/** Why a runbook, an artifact or an answer was refused. */
export type AnswerCode =
  | 'ANSWER_RUNBOOK_INVALID'
  | 'ANSWER_EXPRESSION_INVALID'
  | 'ANSWER_ARTIFACT_UNREADABLE'
  | 'ANSWER_PHRASE_INVALID';

export class AnswerError extends Error {
  override name = 'AnswerError';
  readonly code: AnswerCode;

  constructor(code: AnswerCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
