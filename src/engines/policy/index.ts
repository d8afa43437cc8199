export { ACTIONS } from './actions/index.ts';
export { createPolicyAdmin, type AppliedPolicy, type PolicyAdmin, type PolicyInForce } from './admin.ts';
export {
  documentText,
  fileText,
  policyCommands,
  textOptionHelp,
  type PolicyEngines,
  warningView,
} from './commands.io.ts';
export { BUILT_IN_PROFILES, type PolicyBounds } from './bounds.ts';
export { compilePolicy, type Policy, type PolicyExplanation } from './compile.ts';
export { CRITERIA } from './criteria/index.ts';
export type { HeaderChange, LogDetail, Page, PolicyDecision, RateLimit } from './decision.ts';
export { DEFAULT_DOCUMENT, DEFAULT_TEXT, type PolicyDocument } from './document.ts';
export { policyErrors } from './errors.ts';
export { FACT, PHASES, type AccessFacts, type Fact, type Phase, type PolicyFacts } from './facts.ts';
export { GRANT_CALL, GRANTS_TOPIC } from './grants.ts';
export { loadReader, policySection } from './section.ts';
export { POLICY_TOPIC, takeGrants, takePolicy, type PolicySnapshot } from './topic.ts';
export { CONTINUE_PATH, subjectOf, type Grant, type Ticket, Warnings } from './warnings.ts';
export { createWebAccess, type WebAccess, type WebAccessSettings } from './web-access.ts';
