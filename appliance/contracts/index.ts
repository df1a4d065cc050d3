export { agent, Task, TurnEvent } from './agent.ts';
export { Act, Answer, AnswerBundle, Clause, Fact, Finding, Phrase, Severity } from './answer.ts';
export type { Api, Call } from './api.ts';
export { audit } from './audit.ts';
export { ApprovalSnapshot, ChatEvent, ChatMessage } from './chat.ts';
export {
  DecisionEvent,
  EnrolmentEvent,
  Isolation,
  LogEntry,
  LogEvent,
  type LogKind,
  Mode,
  OutcomeEvent,
  Receipt,
  reporters,
  RunStatus,
  tellingFields,
} from './entry.ts';
export { gateway, type Method, methods } from './gateway.ts';
export { ChildTable, identity, SvidUpdate } from './identity.ts';
export {
  Backend,
  GenerationEvent,
  inference,
  LONGEST_SILENCE_SECONDS,
  Message,
} from './inference.ts';
export { Effect, Intent, Limits, Operand, Profile, TreeEntry, TreeManifest } from './intent.ts';
export {
  Base64,
  BootTime,
  CapabilityId,
  DidKey,
  Digest,
  EnrolmentId,
  Epoch,
  PersonKey,
  RequestId,
  SessionId,
  TreePath,
  TurnId,
} from './name.ts';
export {
  ApprovalRequest,
  Decision,
  EnrolledPerson,
  Explanation,
  PendingEnrolment,
  policy,
  Scope,
  TokenRecord,
} from './policy.ts';
export { Certificates, Destination, ReceiverSettings } from './receiver.ts';
export { siem } from './siem.ts';
export {
  ConnectParams,
  ErrorShape,
  EventFrame,
  HelloOk,
  PROTOCOL_VERSION,
  RequestFrame,
  ResponseFrame,
  resumeEvents,
  type SocketEvent,
  socketEvents,
} from './socket.ts';
export { SpiffeId } from './spiffe-id.ts';
export {
  ApprovalStatement,
  Assertion,
  EndorsementStatement,
  EnrolmentStatement,
  ReceiverStatement,
  ResumeStatement,
  SignedApproval,
  SignedEndorsement,
  SignedEnrolment,
  SignedReceiver,
  SignedResume,
  SignedSignIn,
  SignInStatement,
  Statement,
} from './statement.ts';
export { ActuatorManifest, ActuatorReply, ActuatorRequest, tools } from './tools.ts';
export { visible, visibleJson } from './visible.ts';
