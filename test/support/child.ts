import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Scope } from './scope.ts';

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Cores to pin to, as `taskset -c` writes them: `0`, `0,1`. */
  readonly cpus?: string | undefined;
  /** Network namespace to run in. */
  readonly namespace?: string | undefined;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
}

/** A process that we started, and everything that it said. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly running: boolean;
  stdout(): string;
  stderr(): string;
  write(text: string): void;
  /** Closes standard input. */
  end(): void;
  /** Resolves with the match when standard output or error has it; rejects when the child ends before or the time is over. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<ExitStatus>;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a process that ends with the scope. It is ended by its PID, never by its name. */
export function startChild(
  scope: Scope,
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Child {
  const words = [command, ...args];
  if (options.cpus !== undefined) words.unshift('taskset', '-c', options.cpus);
  if (options.namespace !== undefined) words.unshift('ip', 'netns', 'exec', options.namespace);
  const [program = command, ...rest] = words;
  const child = spawn(program, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  const output = collect(child);
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const running = (): boolean =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const killNow = (): void => void (running() && child.kill('SIGKILL'));
  process.setMaxListeners(0);
  process.on('exit', killNow);
  void exited.then(() => process.off('exit', killNow));
  const stop = async (): Promise<ExitStatus> => {
    if (running()) child.kill('SIGTERM');
    const timer = setTimeout(killNow, options.graceMs ?? 8000);
    const status = await exited;
    clearTimeout(timer);
    return status;
  };
  scope.after(async () => void (await stop()));
  return {
    pid: child.pid ?? -1,
    exited,
    get running() {
      return running();
    },
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    waitFor: (pattern, timeoutMs) =>
      waitFor({ child, output, exited, name: words.join(' ') }, pattern, timeoutMs),
    signal: (name) => void child.kill(name),
    stop,
  };
}

/** Runs a program to its end. */
export async function runChild(
  scope: Scope,
  command: string,
  args: readonly string[],
  options: ChildOptions & { readonly timeoutMs?: number; readonly input?: string } = {},
): Promise<ExitStatus & { readonly stdout: string; readonly stderr: string }> {
  const child = startChild(scope, command, args, options);
  if (options.input !== undefined) child.write(options.input);
  child.end();
  const timer = setTimeout(() => child.signal('SIGKILL'), options.timeoutMs ?? 120_000);
  const status = await child.exited;
  clearTimeout(timer);
  return { ...status, stdout: child.stdout(), stderr: child.stderr() };
}

interface Output {
  stdout: string;
  stderr: string;
  changed: () => void;
}

const OUTPUT_CHARS_MAX = 4_000_000;

function collect(child: ChildProcess): Output {
  const output: Output = { stdout: '', stderr: '', changed: () => {} };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] = (output[name] + text).slice(-OUTPUT_CHARS_MAX);
      output.changed();
    });
  }
  child.stdin?.on('error', () => {});
  return output;
}

interface Watched {
  readonly child: ChildProcess;
  readonly output: Output;
  readonly exited: Promise<ExitStatus>;
  readonly name: string;
}

async function waitFor(watched: Watched, pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
  const { output, exited, name } = watched;
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      finish();
      reject(
        new Error(
          `${name}: ${why}, waiting for ${pattern}\n${output.stdout.slice(-4000)}${output.stderr.slice(-4000)}`,
        ),
      );
    };
    const previous = output.changed;
    const timer = setTimeout(() => fail(`${timeoutMs} ms are over`), timeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      output.changed = previous;
    };
    const look = (): void => {
      previous();
      const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
      if (match === null) return;
      finish();
      resolve(match);
    };
    output.changed = look;
    void exited.then((status) => fail(`ended with ${status.code ?? status.signal}`));
    look();
  });
}
