import { EXIT, type Clock } from '../../kernel/index.ts';
import type { Config } from '../../engines/config/index.ts';
import { failureOf, PLAIN } from '../../protocols/terminal/index.ts';
import { CommandLines, type LineRefused } from './command-line.ts';
import type { LoginAnswer, SshControl } from './control.ts';
import { sshErrors } from './errors.ts';
import type { PtyFacts, Refused, SessionEvents, SshChannel } from './library.ts';
import { Prompt } from './prompt.ts';
import { runScript } from './script.ts';
import type { Screen } from './screen.ts';

export interface ProgramOptions {
  readonly login: LoginAnswer & { ok: true };
  readonly control: SshControl;
  readonly clock: Clock;
  readonly settings: Config['ssh'];
  readonly version: string;
  readonly hostName: string;
  later(delayMs: number, run: () => void): { cancel(): void };
  onActive(): void;
  onCommand(): void;
  onRefused(what: Refused): void;
  /** `code` of an error of the line itself. */
  onLineRefused(what: LineRefused): void;
  onFault(error: unknown): void;
  onStarted(): void;
  onOver(): void;
}

const COLUMNS_MAX = 1000;
/** By terminfo; `vt100` is what libraries say that read a prompt by its text (paramiko, and what is built on it). */
const COLORLESS = /^(?:|dumb|unknown|network|xterm-mono|vt\d+[a-z0-9-]*)$/;

/** One session inside a connection: a prompt, one command, or lines from a script. */
export class Program implements SessionEvents {
  readonly #options: ProgramOptions;
  readonly #lines: CommandLines;
  #screen: Screen | undefined;
  #noColor = false;
  #channel: SshChannel | undefined;
  #prompt: Prompt | undefined;
  #running = 0;

  constructor(options: ProgramOptions) {
    this.#options = options;
    const { control, login, settings, onLineRefused } = options;
    this.#lines = new CommandLines({
      control,
      login,
      commandTimeMs: settings.commandTimeMs,
      onRefused: onLineRefused,
    });
  }

  /** A command runs at this moment. */
  get busy(): boolean {
    return this.#running > 0 || this.#prompt?.busy === true;
  }

  onPty({ term, columns, rows }: PtyFacts): boolean {
    const { restrictions } = this.#options.login;
    if (!restrictions.pty) return false;
    this.#screen = { term: term.slice(0, 64), ...bounded(columns, rows) };
    return true;
  }

  onResize(columns: number, rows: number): void {
    if (this.#screen === undefined) return;
    Object.assign(this.#screen, bounded(columns, rows));
    this.#prompt?.resized();
  }

  onNoColor(): void {
    this.#noColor = true;
  }

  onStart(channel: SshChannel, asked: string | undefined): void {
    const { login, onStarted, onOver, onFault } = this.#options;
    this.#channel = channel;
    onStarted();
    channel.onClose(() => {
      this.#prompt?.close();
      onOver();
    });
    const command = login.restrictions.forceCommand ?? asked;
    const work = command === undefined ? this.#shell(channel) : this.#exec(channel, command);
    work.then(
      (exit) => channel.exit(exit),
      (error: unknown) => {
        onFault(error);
        channel.exit(1);
      },
    );
  }

  /** A sentence between what somebody types. */
  say(text: string): void {
    this.#prompt?.say(text);
  }

  /** The last sentence, also to a script: it must not take silence for success. */
  farewell(text: string): void {
    if (this.#prompt !== undefined) this.#prompt.farewell(text);
    else void this.#channel?.writeError(`${text}\n`);
  }

  /** A script that is cut off ends with `EXIT.incomplete`. */
  stop(): void {
    this.#prompt?.close();
    this.#channel?.exit(this.#prompt === undefined ? EXIT.incomplete : EXIT.done);
  }

  #shell(channel: SshChannel): Promise<number> {
    const { settings, onActive, onCommand, login, control, version, hostName, later } = this.#options;
    const screen = this.#screen;
    if (screen === undefined) {
      return runScript(channel, {
        lineBytesMax: settings.lineBytesMax,
        onTooLong: () => this.#options.onLineRefused('line-too-long'),
        run: (line) => this.#one(channel, line),
      });
    }
    const prompt = new Prompt({
      channel,
      screen,
      lines: this.#lines,
      control,
      login,
      settings,
      version,
      hostName,
      hasColor: settings.color === 'auto' && !this.#noColor && !COLORLESS.test(screen.term),
      later,
      onActive,
      onCommand,
      onTooLong: () => this.#options.onLineRefused('line-too-long'),
    });
    this.#prompt = prompt;
    return prompt.run();
  }

  #exec(channel: SshChannel, command: string): Promise<number> {
    channel.onData(() => undefined);
    if (/^\s*scp\s/.test(command)) {
      this.#options.onRefused('scp');
      const { text, exit } = failureOf(sshErrors.SSH_SCP(), false, PLAIN, false);
      return channel.writeError(text).then(() => exit);
    }
    return this.#one(channel, command);
  }

  async #one(channel: SshChannel, line: string): Promise<number> {
    const { settings, onActive, onCommand } = this.#options;
    // A line that cannot be run is told so; nothing of it is kept.
    const isLong = Buffer.byteLength(line) > settings.lineBytesMax;
    const ends = (text: string): string =>
      this.#screen === undefined ? text : text.replaceAll('\n', '\r\n');
    if (isLong) {
      this.#options.onLineRefused('line-too-long');
      const error = sshErrors.SSH_LINE_TOO_LONG({ bytes: settings.lineBytesMax });
      const failure = failureOf(error, false, PLAIN, false);
      await channel.writeError(ends(failure.text));
      return failure.exit;
    }
    this.#running++;
    onCommand();
    try {
      const { out, error, exit } = await this.#lines.run(line, PLAIN);
      await channel.write(ends(out));
      await channel.writeError(ends(error));
      return exit;
    } finally {
      this.#running--;
      onActive();
    }
  }
}

/** A terminal that does not know its size says 0. */
function bounded(columns: number, rows: number): { columns: number; rows: number } {
  return {
    columns: columns === 0 ? 80 : Math.max(20, Math.min(COLUMNS_MAX, columns)),
    rows: rows === 0 ? 0 : Math.max(2, Math.min(COLUMNS_MAX, rows)),
  };
}
