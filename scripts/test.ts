/**
 * Everything that CI runs, in the same order: `npm test`. A foreign program that is missing is a skipped test on
 * a user's machine, and a failure where `CI=true`.
 */
import { FAST_SUITES, runSuites, SLOW_SUITES } from './run-suites.ts';

process.exitCode = await runSuites([...FAST_SUITES, ...SLOW_SUITES]);
