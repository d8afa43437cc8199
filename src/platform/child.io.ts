import { fork, type ChildProcess } from 'node:child_process';
import type { NativeHandle } from './listening-handle.io.ts';

/**
 * glibc gives each thread that asks for memory an arena of its own, up to eight for each core, and what one has
 * freed no other gets (mallopt(3)). Two cost the data path nothing that is measurable and a process 2–9 MiB less.
 */
const MALLOC_ARENAS = '2';

export interface ForkOptions {
  /** The program's first module; the child gets `--role=<role>`. */
  readonly entry: string;
  readonly role: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  onMessage(message: unknown): void;
  /** Once, when the process is gone. */
  onExit(why: string): void;
}

export interface Child {
  readonly pid: number;
  /** False: the child is gone. */
  send(message: object, handle?: NativeHandle): boolean;
  /** Cuts it at once. */
  kill(): void;
}

/**
 * Starts a process of ours. What it prints on standard output goes to standard error: the caller's standard
 * output is for the answer of a command.
 */
export function forkChild(options: ForkOptions): Child {
  const child = fork(options.entry, [`--role=${options.role}`], {
    stdio: ['ignore', 2, 2, 'ipc'],
    env: { MALLOC_ARENA_MAX: MALLOC_ARENAS, ...options.env },
    execArgv: [],
  });
  let gone = false;
  const exited = (why: string): void => {
    if (gone) return;
    gone = true;
    options.onExit(why);
  };
  child.on('message', (message) => options.onMessage(message));
  child.on('error', (error) => exited(error.message));
  child.once('exit', (code, signal) => exited(signal ?? `exit ${code ?? 1}`));
  return {
    pid: child.pid ?? 0,
    send: (message, handle) => !gone && sendTo(child, message, handle),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** `keepOpen`: the parent goes on to own the socket that it lends. */
function sendTo(child: ChildProcess, message: object, handle: NativeHandle | undefined): boolean {
  if (!child.connected) return false;
  // A child that dies while we write is told by its exit; the failed write says nothing more.
  if (handle === undefined) child.send(message, () => undefined);
  else child.send(message, asSendable(handle), { keepOpen: true }, () => undefined);
  return true;
}

/** `child.send` takes a bare handle ("net.Native"); the types only know servers and sockets. */
function asSendable(handle: NativeHandle): Parameters<ChildProcess['send']>[1] {
  return handle as unknown as Parameters<ChildProcess['send']>[1];
}

/** The child's end. */
export interface Parent {
  send(message: object): void;
}

export interface ParentEvents {
  onMessage(message: unknown, handle: NativeHandle | undefined): void;
  /** The parent is gone or has let us go. */
  onGone(): void;
}

/** `undefined` when nobody forked this process. */
export function connectParent(events: ParentEvents): Parent | undefined {
  if (process.send === undefined) return undefined;
  process.on('message', (message, handle) => {
    // The parent sends bare handles only (`forkChild`).
    events.onMessage(message, (handle ?? undefined) as NativeHandle | undefined);
  });
  process.once('disconnect', () => events.onGone());
  return { send: (message) => void (process.connected && process.send?.(message, () => undefined)) };
}
