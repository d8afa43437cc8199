import type { Clock, Command, CommandIo, Input, Result } from '../kernel/index.ts';

/** The process that runs a command, as `main.ts` has found it. */
export interface ProcessFacts {
  /** `main.ts` or `main.js`: what children run. */
  readonly entry: string;
  readonly pid: number;
  /** Without `SALLYPORT_ADMIN_PASSWORD`: children inherit it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly adminPassword: string | undefined;
  /** When the program began, milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly terminal: boolean;
  now(): number;
}

/** Options of every command. */
export interface GlobalOptions {
  readonly config: string | undefined;
  readonly dataDir: string | undefined;
}

export interface LocalCommand {
  readonly engines: unknown;
  close(): Promise<void>;
}

/** Runs commands from a process that is not the gateway. */
export interface Local {
  readonly clock: Clock;
  /** All of them, or only `start`, which must not load what control loads. */
  commands(argv: readonly string[]): Promise<readonly Command[]>;
  /** `undefined`: no gateway runs on the data directory. */
  ask(
    request: { words: string; input: Input; globals: GlobalOptions },
    progress: CommandIo['progress'],
  ): Promise<Result | undefined>;
  /** What a command of this process needs. */
  open(command: Command, globals: GlobalOptions, announce: (result: Result) => void): Promise<LocalCommand>;
}
