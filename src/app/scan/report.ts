import {
  type Cell,
  EXIT,
  type FileVerdict,
  formatBytes,
  formatDuration,
  type Result,
  type View,
} from '../../kernel/index.ts';
import type { Outcome } from './scan-files.io.ts';

/** Files that have nothing to say are listed up to here; they are counted all the same. */
export const LISTED_MAX = 10_000;
/** In a terminal: of more files only those with something to say are shown. */
const SHOWN_MAX = 50;

export interface ScanSummary {
  scanned: number;
  malicious: number;
  suspicious: number;
  /** Looked at, but not whole: encrypted, damaged, a limit, a stage that was away. */
  incomplete: number;
  unreadable: number;
  skipped: number;
  bytes: number;
  tookMs: number;
}

/** Collects what became of each file. */
export class ScanReport {
  readonly summary: ScanSummary = {
    scanned: 0,
    malicious: 0,
    suspicious: 0,
    incomplete: 0,
    unreadable: 0,
    skipped: 0,
    bytes: 0,
    tookMs: 0,
  };
  readonly #listed: Outcome[] = [];
  #quiet = 0;

  add(outcome: Outcome): void {
    count(this.summary, outcome);
    const isQuiet = !hasSomething(outcome);
    if (isQuiet && this.#quiet >= LISTED_MAX) return;
    if (isQuiet) this.#quiet++;
    this.#listed.push(outcome);
  }

  result(tookMs: number): Result {
    const summary = { ...this.summary, tookMs: Math.round(tookMs) };
    const listed = this.#listed.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    const exit = exitOf(summary);
    return {
      document: { summary, files: listed.map(outcomeDocument) },
      view: [...tableOf(listed), { kind: 'text', text: sentence(summary) }],
      ...(exit === EXIT.done ? {} : { exit }),
    };
  }
}

/** Found goes before incomplete: what was found is certain. */
function exitOf({ malicious, suspicious, incomplete, unreadable }: ScanSummary): number {
  if (malicious + suspicious > 0) return EXIT.found;
  return incomplete + unreadable > 0 ? EXIT.incomplete : EXIT.done;
}

function count(summary: ScanSummary, outcome: Outcome): void {
  if (outcome.kind === 'skipped') summary.skipped++;
  else if (outcome.kind === 'unreadable') summary.unreadable++;
  else {
    const { verdict, bytes, incomplete } = outcome.verdict;
    summary.scanned++;
    summary.bytes += bytes;
    if (verdict === 'malicious') summary.malicious++;
    if (verdict === 'suspicious') summary.suspicious++;
    if (incomplete.length > 0) summary.incomplete++;
  }
}

function hasSomething(outcome: Outcome): boolean {
  if (outcome.kind === 'skipped') return false;
  return (
    outcome.kind === 'unreadable' ||
    outcome.verdict.verdict === 'malicious' ||
    outcome.verdict.verdict === 'suspicious' ||
    outcome.verdict.incomplete.length > 0
  );
}

function outcomeDocument(outcome: Outcome): Readonly<Record<string, unknown>> {
  if (outcome.kind === 'scanned') {
    const { path, tookMs, verdict } = outcome;
    return { file: path, state: 'scanned', tookMs: Math.round(tookMs * 1000) / 1000, ...verdict };
  }
  return { file: outcome.path, state: outcome.kind, why: outcome.why };
}

function tableOf(listed: readonly Outcome[]): readonly View[] {
  const shown = listed.length <= SHOWN_MAX ? listed : listed.filter(hasSomething);
  if (shown.length === 0) return [];
  const titles = ['File', 'Verdict', 'Type', 'Finding', 'Inside', 'Time'];
  return [
    {
      kind: 'table',
      columns: titles.map((title) => (title === 'Time' ? { title, align: 'right' } : { title })),
      rows: shown.map(rowOf),
    },
  ];
}

function rowOf(outcome: Outcome): readonly Cell[] {
  const { path } = outcome;
  if (outcome.kind !== 'scanned') {
    return [
      path,
      { text: outcome.kind, tone: outcome.kind === 'skipped' ? 'dim' : 'warn' },
      '',
      outcome.why,
      '',
      '',
    ];
  }
  const { verdict, tookMs } = outcome;
  const [finding, inside] = findingOf(verdict);
  return [path, verdictCell(verdict), verdict.type.name, finding, inside, formatDuration(tookMs)];
}

function verdictCell({ verdict, incomplete }: FileVerdict): Cell {
  if (verdict === 'malicious') return { text: verdict, tone: 'bad' };
  if (verdict === 'suspicious') return { text: verdict, tone: 'warn' };
  if (incomplete.length > 0) return { text: 'incomplete', tone: 'warn' };
  return verdict === 'clean' ? { text: verdict, tone: 'good' } : 'nothing found';
}

/** The first finding, else the list that knows the file, else why part of it was not looked at. */
function findingOf({ findings, matches, incomplete }: FileVerdict): readonly [what: string, inside: string] {
  const [finding] = findings;
  const more = findings.length > 1 ? ` and ${findings.length - 1} more` : '';
  if (finding !== undefined) return [`${finding.name} (${finding.stage})${more}`, finding.path];
  const match = matches.find(({ action }) => action !== 'label');
  if (match !== undefined) return [`${match.category} (${match.feed})`, ''];
  const [first] = incomplete;
  return first === undefined ? ['', ''] : [`${first.reason}: ${first.detail}`, first.path];
}

function sentence(summary: ScanSummary): string {
  const { scanned, bytes, tookMs } = summary;
  const parts = (['malicious', 'suspicious', 'incomplete', 'unreadable', 'skipped'] as const)
    .filter((name) => summary[name] > 0)
    .map((name) => `${summary[name]} ${name}`);
  const found = parts.length === 0 ? 'nothing found' : parts.join(', ');
  return `${scanned} ${scanned === 1 ? 'file' : 'files'}, ${formatBytes(bytes)} in ${formatDuration(tookMs)}: ${found}.`;
}
