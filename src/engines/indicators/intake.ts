import type { ListEntry, ListProblem } from '../../protocols/lists/index.ts';
import { indicatorErrors } from './errors.ts';
import type { FeedAction, ImportOptions } from './import-types.ts';
import type { LayerWriter } from './layer-writer.io.ts';
import type { Suppression } from './suppression.ts';

/** The length of a value is stored in 16 bits. */
const VALUE_MAX = 65_535;

/** Of a value, in a report. */
const TEXT_BYTES = 60;

export interface IntakeSeam {
  readonly options: ImportOptions;
  readonly nowMs: number;
  /** Whether the feed keeps what it has. */
  readonly isMerge: boolean;
  readonly action: FeedAction;
  readonly writer: LayerWriter;
  readonly suppression: Suppression | undefined;
  problem(problem: ListProblem): void;
}

/** Takes entries from the parser of a list: adds what the list does not say, and leaves out what has ended or is suppressed. */
export class Intake {
  readonly #seam: IntakeSeam;
  readonly #nowS: number;
  readonly #defaultEndS: number | undefined;
  /** Lines that were understood. */
  accepted = 0;
  /** Of them, what had ended before. */
  expired = 0;

  constructor(seam: IntakeSeam) {
    const { expiresAfterMs } = seam.options;
    this.#seam = seam;
    this.#nowS = Math.floor(seam.nowMs / 1000);
    this.#defaultEndS =
      expiresAfterMs === undefined ? undefined : Math.ceil((seam.nowMs + expiresAfterMs) / 1000);
  }

  readonly entry = (entry: ListEntry): void => {
    const { writer, suppression, isMerge, problem } = this.#seam;
    const { severity, confidence, tlp } = this.#seam.options;
    const { kind, value } = entry;
    this.#count();
    if (value.length > VALUE_MAX) {
      problem({
        line: 0,
        reason: `a value of more than ${VALUE_MAX} bytes`,
        text: value.slice(0, TEXT_BYTES),
      });
      return;
    }
    if (this.#seam.action === 'label' && entry.action === 'allow') {
      problem({ line: 0, reason: 'an exception in a list of labels', text: value.slice(0, TEXT_BYTES) });
      return;
    }
    const expiresAtS = secondsOf(entry.expiresAtMs) ?? this.#defaultEndS;
    if (expiresAtS !== undefined && expiresAtS <= this.#nowS) {
      this.expired++;
      // What the list says has ended must not go on matching as it was before.
      if (isMerge) writer.remove(kind, value);
      return;
    }
    if (suppression !== undefined && entry.action === 'block' && suppression.takes(kind, value)) return;
    const action = this.#seam.action === 'label' ? 'label' : entry.action;
    writer.add(
      {
        kind,
        value,
        note: entry.note,
        reference: entry.reference ?? '',
        firstSeenS: secondsOf(entry.firstSeenMs),
        lastSeenS: secondsOf(entry.lastSeenMs),
      },
      {
        action,
        category: entry.category,
        severity: entry.severity ?? severity,
        confidence: entry.confidence ?? confidence,
        tlp: entry.tlp ?? tlp,
      },
      expiresAtS,
    );
  };

  readonly remove = ({ kind, value }: ListEntry): void => {
    this.#count();
    this.#seam.writer.remove(kind, value);
  };

  #count(): void {
    this.accepted++;
    if (this.accepted > this.#seam.options.limits.entriesMax) throw tooManyEntries(this.#seam.options);
  }
}

export function tooManyEntries({ file, limits }: ImportOptions): Error {
  const reason = `it has more than ${limits.entriesMax} entries`;
  return indicatorErrors.INDICATORS_FILE_TOO_LARGE({ path: file, reason });
}

/** Whole seconds that 32 bits hold: times beyond are as good as the last one. */
function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.min(0xffff_ffff, Math.max(0, Math.ceil(ms / 1000)));
}
