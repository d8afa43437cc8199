import { createHash } from 'node:crypto';
import type { Config } from '../../engines/config/index.ts';
import type { Sessions } from '../../engines/identity/index.ts';
import { entityTag, namesTag } from '../../engines/web/index.ts';
import type { Clock, Command, CommandIo, EdgeLinks, Input, Result } from '../../kernel/index.ts';
import { appErrors } from '../errors.ts';
import type { ControlEngines } from './engines.ts';
import { type HandedFile, isHandedFile, withGivenFile, withHandedFile } from './handed-file.io.ts';
import { isCommandCall, type CommandCall } from './socket.io.ts';

/** A command that came in through a door. The door has checked who may. */
export interface DoorCall extends CommandCall {
  /** The session that it came in, when there is one. */
  readonly session?: string;
  /** Key of the caller: the same call again gets the same answer. */
  readonly once?: string;
  /** Only while the document of another command has one of these tags. */
  readonly match?: Match;
  /** A file for a command that reads one: doors hand over no paths. */
  readonly file?: HandedFile;
  /** The positional that names a file which the command writes: the door gets its path and takes it. */
  readonly gives?: string;
}

interface Match {
  readonly words: string;
  readonly input: Input;
  /** `If-Match` as it came. */
  readonly tags: string;
  readonly omit: readonly string[];
}

export interface DoorCommandsOptions {
  readonly links: EdgeLinks;
  readonly engines: ControlEngines;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly config: () => Config;
  find(words: string): Promise<Command | undefined>;
  run(command: Command, input: Input, io: CommandIo): Promise<Result>;
}

interface Kept {
  /** Of what was asked: a key stands for one request. */
  readonly print: string;
  readonly until: number;
  readonly result: Promise<Result>;
}

/** Answers `command.run` of the edges. */
export function serveDoorCommands(options: DoorCommandsOptions): void {
  const kept = new Map<string, Kept>();
  let turn: Promise<unknown> = Promise.resolve();

  const found = async (words: string): Promise<Command> => {
    const command = await options.find(words);
    if (command === undefined) throw appErrors.UNKNOWN_COMMAND({ words });
    return command;
  };

  const run = async (call: DoorCall): Promise<Result> => {
    const { file, gives, ...rest } = call;
    if (gives !== undefined) return give(rest, gives);
    if (file === undefined) return runNow(call);
    return withHandedFile(options.config().dataDir, file, (path) =>
      runNow({ ...rest, input: { ...call.input, words: { ...call.input.words, [file.word]: path } } }),
    );
  };

  const runNow = async ({ words, input, actor, source, session }: DoorCall): Promise<Result> => {
    const command = await found(words);
    const io = { actor, progress: () => undefined, ...(source === undefined ? {} : { source }) };
    const work = (): Promise<Result> => options.run(command, input, io);
    // A new password ends the sessions of its user, but not the one that it is set in.
    const isOwn =
      words === 'user passwd' &&
      session !== undefined &&
      input.words['user'] === options.sessions.userOf(session);
    const spared = (): Promise<Result> => (isOwn ? options.sessions.sparing(session, work) : work());
    return source === undefined ? spared() : options.engines.state.from(source, spared);
  };

  /** Looks and changes in one turn: of two that saw the same, one comes second and is told so. */
  const matched = (call: DoorCall, match: Match): Promise<Result> => {
    const mine = turn.then(async () => {
      const reader = await found(match.words);
      const { document } = await options.run(reader, match.input, {
        actor: call.actor,
        progress: () => undefined,
      });
      if (!namesTag(match.tags, entityTag(document, match.omit))) throw appErrors.CHANGED_MEANWHILE();
      return run(call);
    });
    turn = mine.catch(() => undefined);
    return mine;
  };

  const once = (call: DoorCall, key: string): Promise<Result> => {
    const now = options.clock.monotonic();
    const { repeatsForMs, repeatsMax } = options.config().api;
    for (const [each, { until }] of kept) {
      if (until > now) break;
      kept.delete(each);
    }
    const print = createHash('sha256')
      .update(JSON.stringify([call.words, call.input, call.file]))
      .digest('base64');
    const own = `${call.actor}\0${key}`;
    const before = kept.get(own);
    if (before !== undefined) {
      if (before.print !== print) throw appErrors.IDEMPOTENCY_KEY_USED();
      return before.result;
    }
    const result = run(call);
    if (repeatsMax === 0) return result;
    if (kept.size >= repeatsMax) kept.delete(kept.keys().next().value ?? '');
    kept.set(own, { print, until: now + repeatsForMs, result });
    // What failed may be tried again under the same key.
    result.catch(() => kept.delete(own));
    return result;
  };

  const give = createGiver(options, runNow);

  options.links.handle('command.run', (params) => {
    if (!isDoorCall(params)) throw appErrors.BAD_REQUEST();
    if (params.match !== undefined) return matched(params, params.match);
    return params.once === undefined ? run(params) : once(params, params.once);
  });
}

type Give = (call: DoorCall, word: string) => Promise<Result>;

/** Runs commands that write a file, for doors that hand it on. One at a time: each may take much of the disk. */
function createGiver(
  { engines, config }: DoorCommandsOptions,
  runNow: (call: DoorCall) => Promise<Result>,
): Give {
  let isGiving = false;
  return async (call, word) => {
    if (isGiving) throw appErrors.GIVING_BUSY();
    isGiving = true;
    try {
      const document = await withGivenFile(config().dataDir, 'file', (path) =>
        runNow({ ...call, input: { ...call.input, words: { ...call.input.words, [word]: path } } }),
      );
      await engines.state.audit({
        actor: call.actor,
        source: call.source,
        action: `${call.words.replaceAll(' ', '.')}.download`,
        outcome: 'done',
        details: { bytes: document.bytes },
      });
      return { document };
    } finally {
      isGiving = false;
    }
  };
}

function isDoorCall(params: unknown): params is DoorCall {
  if (!isCommandCall(params)) return false;
  const { session, once, match, file, gives } = params as DoorCall;
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
  const isWhole = (match === undefined || isMatch(match)) && (file === undefined || isHandedFile(file));
  return isText(session) && isText(once) && isText(gives) && isWhole;
}

function isMatch(match: unknown): boolean {
  if (typeof match !== 'object' || match === null) return false;
  const { tags, omit } = match as Readonly<Record<string, unknown>>;
  return isCommandCall({ actor: '', ...match }) && typeof tags === 'string' && Array.isArray(omit);
}
