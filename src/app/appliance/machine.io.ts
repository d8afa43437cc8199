import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../../kernel/index.ts';
import { writeSecretFile } from '../../platform/index.ts';
import { appErrors } from '../errors.ts';
import { byHand, type Plan, type Step } from './plan.ts';

/** The machine under the gateway. Only on the appliance is it the gateway's to change. */
export interface Machine {
  readonly isAppliance: boolean;
  /** Throws NOT_THE_APPLIANCE, with what to do by hand; MACHINE_FAILED when a step fails, and files are as before. */
  carryOut(plan: Plan): Promise<void>;
  /** Runs a program of the system without a shell and gives what it printed; its exit code is no failure. */
  look(program: string, args: readonly string[]): Promise<{ readonly text: string; readonly code: number }>;
}

/** There on the appliance's image, and nowhere else. */
const MARKER = '/etc/sallyport/appliance';
const STEP_MS = 60_000;
const OUTPUT_BYTES_MAX = 1024 * 1024;
/** The folders of the system, whatever the environment says. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** `root`: of the file system. */
export function openMachine(root = '/'): Machine {
  return {
    get isAppliance() {
      return existsSync(join(root, MARKER));
    },
    carryOut: async (plan) => {
      if (!existsSync(join(root, MARKER))) {
        throw appErrors.NOT_THE_APPLIANCE({ what: plan.what, hand: byHand(plan), marker: MARKER });
      }
      const before = new Map<string, string | undefined>();
      try {
        for (const step of plan.steps) await carryOut(step, root, before);
      } catch (cause) {
        for (const [path, content] of before) restore(path, content);
        throw appErrors.MACHINE_FAILED({ what: plan.what, reason: messageOf(cause) }, { cause });
      }
    },
    look: (program, args) => run(program, args),
  };
}

async function carryOut(step: Step, root: string, before: Map<string, string | undefined>): Promise<void> {
  if (step.kind === 'run') {
    const { text, code } = await run(step.program, step.args);
    if (code !== 0) throw new Error(`${step.program} ended with ${code}: ${text.trim().slice(0, 500)}`);
    return;
  }
  const path = join(root, step.path);
  if (!before.has(path)) before.set(path, existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  restore(path, step.kind === 'write' ? step.content : undefined);
}

function restore(path: string, content: string | undefined): void {
  if (content === undefined) return rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeSecretFile(path, content, 0o644);
}

function run(program: string, args: readonly string[]): Promise<{ text: string; code: number }> {
  return new Promise((resolve, reject) => {
    const options = { timeout: STEP_MS, maxBuffer: OUTPUT_BYTES_MAX, env: { PATH, LC_ALL: 'C' } };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') return resolve({ text: `${stdout}${stderr}`, code });
      if (error !== null && error.killed === true) return resolve({ text: `${stdout}${stderr}`, code: 124 });
      reject(appErrors.PROGRAM_MISSING({ program, reason: messageOf(error) }, { cause: error }));
    });
  });
}
