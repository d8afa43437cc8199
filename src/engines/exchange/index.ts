export { explainCommand } from './commands.ts';
export {
  createExplain,
  exchangeErrors,
  EXPLAINED_DOORS,
  type Explain,
  type ExplainEngines,
  type ExplainInput,
} from './explain.ts';
