/** The fast part of `npm test`, for every change: `npm run check`. */
import { FAST_SUITES, runSuites } from './run-suites.ts';

process.exitCode = await runSuites(FAST_SUITES);
