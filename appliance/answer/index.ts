// What an answer is made of, how it reads, and how it is checked; nothing here acts or asks.
export { AnswerError, type AnswerCode } from './error.ts';
export { isParser, parseArtifact } from './artifact/parser.ts';
export { locate, type Located } from './artifact/json-range.ts';
export { conclude, type Conclusion } from './finding/conclude.ts';
export { namesFor, readSheet, scopeOf, type Sheet, type StepResult } from './finding/sheet.ts';
export { renderAct, renderAnswer, shown } from './render.ts';
export { evaluate, holds } from './runbook/expression.ts';
export { runbookJsonSchema } from './runbook/json-schema.ts';
export { readRunbook, Rule, Runbook, shortName, Slot, Step } from './runbook/runbook.ts';
export { type Claim, claimsIn, hasClaim } from './claim.ts';
export { type Anchors, verifyAnswer, verifyDraft } from './verify.ts';
