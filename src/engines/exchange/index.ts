export { BodyGate, type GateOptions, type GateResult } from './body-gate.ts';
export { readableCodings } from '../content/index.ts';
export { BodyStart } from './body-start.ts';
export { explainCommand } from './commands.ts';
export {
  createExplain,
  exchangeErrors,
  EXPLAINED_DOORS,
  type Explain,
  type ExplainEngines,
  type ExplainInput,
} from './explain.ts';
export {
  eventDetails,
  fileDetails,
  isTold,
  type RequestNotes,
  requestNotes,
  type ToldExchange,
} from './event-details.ts';
export { laterOf, laterOfBody } from './doors.ts';
export { ExchangeFacts, factsOf, type FieldSource, type SeenRequest, type UrlVerdicts } from './facts.ts';
export { fileNameOf } from './file-name.ts';
export {
  editBlock,
  type Edits,
  editsOf,
  FIELDS_OF_OURS,
  LATE_REASON,
  laterChanges,
  saidLate,
} from './head-edits.ts';
export { HeldBody, HeldBudget } from './held-body.ts';
export { type JudgedBody, keepFile, wantsFile } from './keep-file.ts';
export { scanWanted } from './scan-wanted.ts';
export { expectationErrors, policyTestCommand, type PolicyTestEngines } from './test-command.ts';
export { tryExpectation, type Outcome, type Trial } from './try-policy.ts';
