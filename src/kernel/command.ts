/**
 * One command of the gateway: declared once, rendered in a terminal, as JSON, over SSH, in completions,
 * in the man page and in the reference.
 */
export interface Command<Engines = never> {
  /** As typed: `feed import`. */
  readonly words: string;
  /** One sentence without a full stop, in the imperative: "Import a list into a feed". */
  readonly summary: string;
  readonly positionals: readonly Positional[];
  readonly options: Readonly<Record<string, Option>>;
  /** `read` may be run in view mode and by a read token, `admin` changes something. */
  readonly role: 'read' | 'admin';
  /** Where it runs: `running` needs the gateway, `either` works on a stopped one too, `here` never asks it, `shell` belongs to a prompt over SSH. */
  readonly where: 'running' | 'either' | 'here' | 'shell';
  /** With `here`: the running gateway carries it out, too, for those who are not on this machine (SSH, API). */
  readonly remote?: boolean;
  /** Examples, complete command lines without the word `sallyport`. */
  readonly examples?: readonly string[];
  run(engines: Engines, input: Input, io: CommandIo): Promise<Result>;
}

export interface Positional {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  /** Takes all that is left. Only the last one. */
  readonly rest?: boolean;
  /** For completion and checking. */
  readonly choices?: readonly string[];
  /** A path on the caller's machine: made absolute before it is sent to the gateway. */
  readonly file?: boolean;
  /** What Tab offers besides: names of things that there are at that moment. */
  readonly suggest?: Suggestion;
}

/** Kinds of things with names, for completion. */
export type Suggestion = 'user' | 'token' | 'feed' | 'session' | 'export';

export interface Option {
  readonly help: string;
  /** Name of the value in the help; absent for a flag. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly repeat?: boolean;
  readonly file?: boolean;
  readonly suggest?: Suggestion;
  /** Kept out of history and audit; where it is missing, a prompt may ask for it without showing it. */
  readonly secret?: boolean;
}

export interface Input {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly rest: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** How a command talks while it runs. */
export interface CommandIo {
  /** Who asked, for the audit: `local` or a user name. */
  readonly actor: string;
  /** Where they are: an address; absent: on this machine. */
  readonly source?: string;
  /** Long work says how far it is: `done` of `total` (`undefined`: unknown), at most a few times a second. */
  progress(step: string, done: number, total: number | undefined): void;
}

/** What a command answers: one document for machines, and how to show it to a person. */
export interface Result {
  readonly document: unknown;
  /** For people; when absent the document is shown as YAML-like text. */
  readonly view?: readonly View[];
  /** Exit code when it is not 0: 10 found something, 11 incomplete. */
  readonly exit?: number;
}

export type View =
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Cell[])[];
    }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: Cell])[] };

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** A text, or one with a meaning that a terminal shows in color. */
export type Cell = string | number | { readonly text: string; readonly tone: Tone };
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong';

/** Identity at run time; lets the compiler infer the engines. */
export function defineCommand<Engines>(command: Command<Engines>): Command<Engines> {
  return command;
}

/** An option's value as text; `undefined` when it was not given. */
export function textOption(input: Input, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a repeatable option, in order. */
export function listOption(input: Input, name: string): readonly string[] {
  const value = input.options[name];
  return Array.isArray(value) ? (value as readonly string[]) : typeof value === 'string' ? [value] : [];
}
