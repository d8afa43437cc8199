import { basename } from 'node:path';
import type { Clock } from '../../kernel/index.ts';
import {
  DETECT_BYTES,
  detectFormat,
  formatDefaults,
  isListFormat,
  type ListFormat,
  type ListParser,
  type ListProblem,
  type ListSink,
  openListParser,
} from '../../protocols/lists/index.ts';
import type { FeedAction, ImportOptions, ImportProgress, ImportReport } from './import-types.ts';
import type { ListFile } from './list-file.io.ts';

/** Different reasons that are counted apart; the rest shares one. */
const REASONS_MAX = 100;
const PROGRESS_MS = 250;

/** Categories of entries whose list names none. */
const CATEGORIES: Readonly<Record<FeedAction, string>> = {
  block: 'malicious',
  allow: 'known-good',
  label: 'labeled',
  suppress: 'warning-list',
};

/** What a list turned out to be. */
export interface ListFacts {
  readonly format: ListFormat;
  readonly action: FeedAction;
  readonly category: string;
}

/** Reads one list through the parser of its format and counts what is rejected. */
export class ListReader {
  readonly #options: ImportOptions;
  readonly #clock: Clock;
  readonly #progress: ImportProgress;
  readonly #reasons = new Map<string, number>();
  readonly problems: ListProblem[] = [];
  rejected = 0;
  /** Why nothing of the list may be used. */
  broken: string | undefined;

  constructor(options: ImportOptions, clock: Clock, progress: ImportProgress) {
    this.#options = options;
    this.#clock = clock;
    this.#progress = progress;
  }

  async read(file: ListFile, sinkOf: (facts: ListFacts) => Omit<ListSink, 'problem'>): Promise<void> {
    let parser: ListParser | undefined;
    let held: Buffer[] = [];
    let heldBytes = 0;
    let reportedMs = this.#clock.monotonic();
    const open = async (): Promise<ListParser> => {
      const opened = await this.#openParser(Buffer.concat(held), sinkOf);
      for (const chunk of held) opened.receive(chunk);
      held = [];
      return opened;
    };
    for await (const chunk of file.chunks) {
      if (parser !== undefined) parser.receive(chunk);
      else {
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes >= DETECT_BYTES) parser = await open();
      }
      const nowMs = this.#clock.monotonic();
      if (nowMs - reportedMs >= PROGRESS_MS) {
        reportedMs = nowMs;
        this.#progress('read', Math.min(file.read(), file.bytes), file.bytes);
      }
    }
    parser ??= await open();
    parser.receiveEnd();
  }

  readonly problem = (problem: ListProblem): void => {
    this.rejected++;
    if (problem.isBroken === true) this.broken ??= problem.reason;
    if (this.problems.length < this.#options.limits.problemsMax) this.problems.push(problem);
    const reason =
      this.#reasons.size < REASONS_MAX || this.#reasons.has(problem.reason) ? problem.reason : 'other';
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  };

  countedReasons(): ImportReport['reasons'] {
    return [...this.#reasons]
      .map(([reason, count]) => ({ reason, count }))
      .toSorted((x, y) => y.count - x.count || (x.reason < y.reason ? -1 : 1));
  }

  /** `, the first is line 3: …`, for messages. */
  get firstProblem(): string {
    const [first] = this.problems;
    return first === undefined ? '' : `, the first is line ${first.line}: ${first.reason}`;
  }

  async #openParser(
    start: Buffer,
    sinkOf: (facts: ListFacts) => Omit<ListSink, 'problem'>,
  ): Promise<ListParser> {
    const { mapping, limits, file } = this.#options;
    const text = start.toString('utf8', 0, DETECT_BYTES);
    const facts = this.#facts(text);
    const { format, action, category } = facts;
    return openListParser(
      {
        format,
        // All entries of a warning list are values that are fine; a label is no exception.
        defaults: {
          action: action === 'suppress' ? 'allow' : action === 'label' ? 'block' : action,
          category,
        },
        mapping,
        start: text,
        path: file,
        lineBytesMax: limits.lineBytesMax,
        documentBytesMax: limits.documentBytesMax,
      },
      { ...sinkOf(facts), problem: this.problem },
    );
  }

  #facts(start: string): ListFacts {
    const { format: wanted, action: wantedAction, category, file } = this.#options;
    const format = isListFormat(wanted) ? wanted : detectFormat(basename(file), start);
    const defaults = formatDefaults(format);
    const action = wantedAction ?? defaults.action;
    // The word of a format fits the action that it has by itself.
    const ofFormat = action === defaults.action ? defaults.category : undefined;
    return { format, action, category: category ?? ofFormat ?? CATEGORIES[action] };
  }
}
