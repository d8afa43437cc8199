import type { Config } from '../../engines/config/index.ts';
import {
  commonStart,
  completionOf,
  LineEditor,
  Pager,
  PASTE_MODE,
  SSH_MOUTH,
  styleOf,
  viewText,
  type Choice,
  type Style,
} from '../../protocols/terminal/index.ts';
import type { Answered, CommandLines, Parsed } from './command-line.ts';
import type { LoginAnswer, SshControl } from './control.ts';
import { sshErrors } from './errors.ts';
import { KeyQueue } from './key-queue.ts';
import type { SshChannel } from './library.ts';
import type { Screen } from './screen.ts';
import type { Shell } from './shell-commands.ts';

export interface PromptOptions {
  readonly channel: SshChannel;
  readonly screen: Screen;
  readonly lines: CommandLines;
  readonly control: SshControl;
  readonly login: LoginAnswer & { ok: true };
  readonly settings: Config['ssh'];
  readonly version: string;
  readonly hostName: string;
  readonly hasColor: boolean;
  later(delayMs: number, run: () => void): { cancel(): void };
  onActive(): void;
  onCommand(): void;
  onTooLong(): void;
}

const BELL = '\u0007';
/** A password that is typed; longer ones are refused when they are set. */
const SECRET_CHARS_MAX = 1024;

/** The gateway at the other end of a terminal. One function reads the keys, from top to bottom. */
export class Prompt implements Shell {
  readonly #options: PromptOptions;
  readonly #keys: KeyQueue;
  readonly #history: string[] = [];
  #editor: LineEditor | undefined;
  /** Lines that were pasted behind another one: each is shown, and runs at Enter. */
  #pasted: readonly string[] = [];
  #admin = false;
  #over = false;
  #length: number | undefined;
  #width: number | undefined;
  #stop: (() => void) | undefined;

  constructor(options: PromptOptions) {
    this.#options = options;
    const { channel, settings, later, onActive } = options;
    this.#keys = new KeyQueue(settings.lineBytesMax, () => this.#stop?.(), later);
    channel.onData((bytes) => {
      onActive();
      this.#keys.add(bytes);
    });
    channel.onEnd(() => this.#keys.close());
  }

  get history(): readonly string[] {
    return this.#history;
  }

  get busy(): boolean {
    return this.#stop !== undefined;
  }

  /** Resolves with the exit status of the session. */
  async run(): Promise<number> {
    const { version, hostName, login } = this.#options;
    await this.#write(
      `Sallyport ${version} on ${hostName}. You are ${login.user} (${login.role}).\n` +
        `${this.#style.paint('dim', 'Type ? for what may follow, Tab to complete, exit to leave.')}\n\n`,
    );
    // A terminal without colors may not know it, and would show it.
    const marksPastes = this.#options.hasColor;
    if (marksPastes) await this.#raw(PASTE_MODE.on);
    while (!this.#over) {
      const line = await this.#line(this.#promptText(), false);
      if (line === undefined) break;
      const text = line.trim();
      if (text === '') continue;
      await this.#perform(text);
    }
    if (marksPastes) await this.#raw(PASTE_MODE.off);
    return 0;
  }

  close(): void {
    this.#over = true;
    this.#keys.close();
    this.#stop?.();
  }

  say(text: string): void {
    this.#editor?.leave();
    const output = `${this.#editor?.take() ?? '\r\n'}${text}\r\n`;
    this.#editor?.show();
    void this.#options.channel.write(output + (this.#editor?.take() ?? ''));
  }

  /** The last sentence: no prompt follows, and the terminal is left as it was. */
  farewell(text: string): void {
    this.#editor?.leave();
    const before = this.#editor?.take() ?? '\r\n';
    void this.#raw(`${before}${text}\r\n${this.#options.hasColor ? PASTE_MODE.off : ''}`);
    this.close();
  }

  resized(): void {
    this.#editor?.resize(this.#columns);
    const output = this.#editor?.take() ?? '';
    void this.#options.channel.write(output);
  }

  async enable(): Promise<void> {
    const { login, control } = this.#options;
    if (this.#admin) return;
    if (login.role !== 'admin') throw sshErrors.SSH_ENABLE_ROLE({ role: login.role });
    const secret = await this.#line('Password or code: ', true);
    if (secret === undefined || secret === '' || !(await control.enable(login.session, secret))) {
      throw sshErrors.SSH_ENABLE_WRONG({ user: login.user });
    }
    this.#admin = true;
  }

  disable(): void {
    this.#admin = false;
  }

  exit(): void {
    if (this.#admin) this.#admin = false;
    else this.#over = true;
  }

  setLength(rows: number): void {
    this.#length = rows;
  }

  setWidth(columns: number): void {
    this.#width = columns;
  }

  get #columns(): number {
    return this.#width ?? this.#options.screen.columns;
  }

  get #rows(): number {
    return this.#length ?? this.#options.screen.rows;
  }

  get #style(): Style {
    const env = this.#options.hasColor ? {} : { NO_COLOR: '1' };
    return styleOf({ isTerminal: true, columns: this.#columns }, env);
  }

  #promptText(): string {
    const { hostName } = this.#options;
    return this.#admin
      ? `${this.#style.paint('strong', hostName)}${this.#style.paint('warn', '#')} `
      : `${this.#style.paint('strong', hostName)}> `;
  }

  async #perform(line: string): Promise<void> {
    const { lines, onCommand, onActive } = this.#options;
    const stopped = Promise.withResolvers<void>();
    this.#remember(line);
    onCommand();
    const answer = await lines.run(line, this.#style, {
      shell: this,
      refuse: (command) => {
        if (command.role === 'admin' && !this.#admin)
          throw sshErrors.SSH_ENABLE_FIRST({ words: command.words });
      },
      complete: async (parsed) => {
        const whole = await this.#askSecrets(parsed);
        this.#stop = () => stopped.resolve();
        return whole;
      },
      stopped: stopped.promise,
    });
    this.#stop = undefined;
    onActive();
    await this.#show(answer);
  }

  /** Errors are never cut into pages; a prompt has one stream. */
  async #show({ out, error }: Answered): Promise<void> {
    await this.#write(error);
    if (out === '') return;
    const pager = new Pager(out, { rows: this.#rows, columns: this.#columns });
    await this.#raw(pager.first());
    while (!pager.done) {
      const key = await this.#keys.next();
      if (key === undefined) return;
      await this.#raw(pager.press(key));
    }
  }

  /** Secrets never stand in a line that is echoed and remembered: they are asked for. */
  async #askSecrets(parsed: Parsed): Promise<Parsed> {
    const missing = Object.entries(parsed.command.options).filter(
      ([name, option]) => option.secret === true && parsed.input.options[name] === undefined,
    );
    const options = { ...parsed.input.options };
    for (const [name] of missing) {
      const label = `New ${name.replaceAll('-', ' ')}: `;
      const first = await this.#line(label, true);
      if (first === undefined || first === '') continue;
      const again = await this.#line('The same again: ', true);
      if (again === first) options[name] = first;
      else throw sshErrors.SSH_NOT_THE_SAME({ name });
    }
    return { command: parsed.command, input: { ...parsed.input, options } };
  }

  #remember(line: string): void {
    const { historyMax } = this.#options.settings;
    const shown = line.replaceAll(/(--(?:[\w-]*password|secret)(?:[ =]+))(?:"[^"]*"|'[^']*'|\S+)/g, '$1***');
    if (this.#history.at(-1) !== shown) this.#history.push(shown);
    if (this.#history.length > historyMax) this.#history.splice(0, this.#history.length - historyMax);
  }

  /** One line; `undefined`: there will be no more. */
  async #line(prompt: string, silent: boolean): Promise<string | undefined> {
    const { settings } = this.#options;
    const editor = new LineEditor({
      prompt,
      columns: this.#columns,
      history: this.#history,
      charsMax: silent ? SECRET_CHARS_MAX : settings.lineBytesMax,
      silent,
    });
    this.#editor = editor;
    if (!silent) {
      const [next, ...rest] = this.#pasted;
      this.#pasted = rest;
      editor.insert(next ?? '');
    }
    try {
      const line = await this.#edit(editor, silent);
      if (!silent) this.#pasted = line === '' ? [] : [...editor.rest, ...this.#pasted];
      return line;
    } finally {
      this.#editor = undefined;
    }
  }

  async #edit(editor: LineEditor, silent: boolean): Promise<string | undefined> {
    await this.#raw(editor.take());
    for (;;) {
      const key = await this.#keys.next();
      if (key === undefined) return undefined;
      const pressed = editor.press(key);
      if (pressed === 'complete' || pressed === 'help') await this.#offer(editor, pressed);
      if (pressed === 'pasted') this.say(this.#aboutPasted(editor.rest.length));
      await this.#raw(editor.take());
      if (pressed === 'line') return editor.text;
      if (pressed === 'end-of-input') {
        await this.#raw('\r\n');
        return silent ? '' : this.#leaveByKey();
      }
      if (pressed === 'interrupt') return '';
      if (pressed === 'too-long') {
        this.#options.onTooLong();
        const error = sshErrors.SSH_LINE_TOO_LONG({ bytes: this.#options.settings.lineBytesMax });
        await this.#write(
          `${this.#style.paint('bad', 'error:')} ${error.message}\n${this.#style.paint('dim', 'hint:')} ${error.hint}\n`,
        );
        return '';
      }
    }
  }

  #aboutPasted(count: number): string {
    const lines = count === 1 ? 'one more line was pasted: it' : `${count} more lines were pasted: each`;
    return this.#style.paint('dim', `${lines} is shown when this one has run; Ctrl-C drops what waits`);
  }

  /** Ctrl-D is `exit`. */
  #leaveByKey(): string | undefined {
    this.exit();
    return this.#over ? undefined : '';
  }

  /** What may stand at the cursor: completed by Tab where there is one, listed otherwise, and always by `?`. */
  async #offer(editor: LineEditor, asked: 'complete' | 'help'): Promise<void> {
    const { lines, control, login } = this.#options;
    // What the mode forbids is not offered; typed all the same, it says what to do.
    const root = await (this.#admin ? lines.tree() : lines.readTree()).catch(() => undefined);
    if (root === undefined) return this.#raw(BELL);
    const found = completionOf(root, editor.beforeCursor, SSH_MOUTH);
    // While control is away, what is declared is still there.
    const names =
      found.suggest === undefined ? [] : await control.suggest(login.session, found.suggest).catch(() => []);
    const choices: Choice[] = [
      ...found.choices,
      ...names.filter((name) => name.startsWith(found.current)).map((word) => ({ word, help: '' })),
    ];
    if (asked === 'complete' && choices.length > 0) {
      const [only] = choices;
      const common = commonStart(choices.map(({ word }) => word));
      const rest = common.slice(found.current.length);
      if (choices.length === 1 && only !== undefined) return editor.insert(`${rest} `);
      if (rest !== '') return editor.insert(rest);
    }
    const notes = found.notes.filter(() => found.current === '' || choices.length === 0);
    const shown = [...notes, ...choices, ...(found.whole ? [{ word: '<Enter>', help: 'Run it' }] : [])];
    if (shown.length === 0) return this.#raw(BELL);
    editor.leave();
    await this.#raw(editor.take());
    const rows = shown.map(({ word, help }) => [{ text: `  ${word}`, tone: 'strong' } as const, help]);
    const table = viewText([{ kind: 'table', columns: [{ title: '' }, { title: '' }], rows }], this.#style);
    await this.#show({ out: table, error: '', exit: 0 });
    editor.show();
  }

  #write(text: string): Promise<void> {
    return this.#raw(text.replaceAll('\n', '\r\n'));
  }

  #raw(text: string): Promise<void> {
    return this.#options.channel.write(text);
  }
}
