export { type Problem, PROBLEM_TYPE, problemJson } from './problem.ts';
