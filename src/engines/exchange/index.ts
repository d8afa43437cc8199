export { explainCommand } from './commands.ts';
export {
  createExplain,
  exchangeErrors,
  EXPLAINED_DOORS,
  type Explain,
  type ExplainEngines,
  type ExplainInput,
} from './explain.ts';
export { laterOf } from './doors.ts';
export { ExchangeFacts, factsOf, type FieldSource, type SeenRequest } from './facts.ts';
export { fileNameOf } from './file-name.ts';
export { expectationErrors, policyTestCommand, type PolicyTestEngines } from './test-command.ts';
export { tryExpectation, type Outcome, type Trial } from './try-policy.ts';
