import {
  listenUnix,
  removeFile,
  socketAnswers,
  type Channel,
  type UnixServer,
} from '../../platform/index.ts';
import type { Command, CommandIo, Input, Log, Result } from '../../kernel/index.ts';
import { appErrors, toErrorFrame, type ErrorFrame } from '../errors.ts';

/** What the command line asks on `run/control.sock`, one JSON document a line. */
export interface ControlRequest extends CommandCall {
  readonly id: number;
}

export interface CommandCall {
  /** The command: `feed import`. */
  readonly words: string;
  readonly input: Input;
  readonly actor: string;
  /** Address of whoever asked; absent: this machine. */
  readonly source?: string;
}

export type ControlReply =
  | {
      readonly id: number;
      readonly progress: { readonly step: string; readonly done: number; readonly total?: number };
    }
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: ErrorFrame };

/** An answer may be a whole configuration or a page of events. */
export const CONTROL_LIMITS = { frameBytesMax: 64 * 1024 ** 2, unsentBytesMax: 64 * 1024 ** 2 };
const CONNECTIONS_MAX = 64;
/** Commands of one connection at once. */
const REQUESTS_MAX = 8;

export interface ControlSocketOptions {
  readonly path: string;
  readonly log: Log;
  find(words: string): Promise<Command | undefined>;
  run(command: Command, input: Input, io: CommandIo): Promise<Result>;
}

/** Serves commands to whoever may open the socket: the folder is the owner's alone. */
export async function openControlSocket(options: ControlSocketOptions): Promise<UnixServer> {
  // A killed process leaves the file behind; a living one would answer.
  if (await socketAnswers(options.path))
    throw appErrors.ALREADY_RUNNING({ dataDir: options.path, pid: 'unknown' });
  removeFile(options.path);
  return listenUnix({
    path: options.path,
    limits: CONTROL_LIMITS,
    connectionsMax: CONNECTIONS_MAX,
    accept: (channel) => {
      let running = 0;
      return {
        onFrame: (frame) => {
          if (!isRequest(frame) || running >= REQUESTS_MAX) {
            reply(channel, { id: idOf(frame), error: toErrorFrame(appErrors.BAD_REQUEST()) });
            return channel.close();
          }
          running++;
          void answer(options, channel, frame).finally(() => running--);
        },
        // The command goes on: half of an import helps nobody.
        onClose: () => undefined,
      };
    },
  });
}

async function answer(
  options: ControlSocketOptions,
  channel: Channel,
  request: ControlRequest,
): Promise<void> {
  const { id, words, input, actor } = request;
  try {
    const command = await options.find(words);
    if (command === undefined) throw appErrors.UNKNOWN_COMMAND({ words });
    const result = await options.run(command, input, {
      actor,
      progress: (step, done, total) =>
        reply(channel, { id, progress: { step, done, ...(total === undefined ? {} : { total }) } }),
    });
    reply(channel, { id, result });
  } catch (error) {
    const failure = toErrorFrame(error);
    if (failure.kind === 'bug') options.log.error('command.bug', { words, error });
    reply(channel, { id, error: failure });
  }
}

function reply(channel: Channel, frame: ControlReply): void {
  channel.send(frame);
}

function isRequest(frame: unknown): frame is ControlRequest {
  return (
    typeof frame === 'object' &&
    frame !== null &&
    'id' in frame &&
    typeof frame.id === 'number' &&
    isCommandCall(frame)
  );
}

export function isCommandCall(frame: unknown): frame is CommandCall {
  return (
    typeof frame === 'object' &&
    frame !== null &&
    'words' in frame &&
    typeof frame.words === 'string' &&
    'actor' in frame &&
    typeof frame.actor === 'string' &&
    'input' in frame &&
    isInput(frame.input)
  );
}

function isInput(input: unknown): boolean {
  return (
    typeof input === 'object' &&
    input !== null &&
    'words' in input &&
    isRecord(input.words) &&
    'options' in input &&
    isRecord(input.options) &&
    'rest' in input &&
    Array.isArray(input.rest)
  );
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function idOf(frame: unknown): number {
  const id = typeof frame === 'object' && frame !== null && 'id' in frame ? frame.id : undefined;
  return typeof id === 'number' ? id : 0;
}
