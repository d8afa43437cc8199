export { BodyGate, type GateOptions, type GateResult } from './body-gate.ts';
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
export { laterOf, laterOfBody } from './doors.ts';
export { ExchangeFacts, factsOf, type FieldSource, type SeenRequest } from './facts.ts';
export { fileNameOf } from './file-name.ts';
export { HeldBody, HeldBudget } from './held-body.ts';
export { type JudgedBody, keepFile, wantsFile } from './keep-file.ts';
export { scanWanted } from './scan-wanted.ts';
export { expectationErrors, policyTestCommand, type PolicyTestEngines } from './test-command.ts';
export { tryExpectation, type Outcome, type Trial } from './try-policy.ts';
