import type { Config } from '../../engines/config/index.ts';
import type { Log, View } from '../../kernel/index.ts';

/** What one look at one thing found. */
export interface Finding {
  /** What was looked at: `port 8080`, `disk`, `dns 10.0.0.53`. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** The command or the setting that mends it; empty when nothing is to be mended. */
  readonly hint: string;
}

/** What checks may look at and ask. */
export interface Examination {
  readonly config: Config;
  /** Process of the supervisor; `undefined`: no gateway runs on the data directory. */
  readonly running: number | undefined;
  readonly log: Log;
  now(): number;
  /** The document of a command that only reads, of the gateway or its stopped state. Rejects when there is none. */
  ask(words: string): Promise<unknown>;
}

export type Check = (examination: Examination) => Promise<readonly Finding[]>;

export function ok(check: string, detail: string): Finding {
  return { check, state: 'ok', detail, hint: '' };
}

export function warning(check: string, detail: string, hint: string): Finding {
  return { check, state: 'warning', detail, hint };
}

export function problem(check: string, detail: string, hint: string): Finding {
  return { check, state: 'problem', detail, hint };
}

export function findingsView(findings: readonly Finding[]): readonly View[] {
  const tones = { ok: 'good', warning: 'warn', problem: 'bad' } as const;
  return [
    {
      kind: 'table',
      columns: [{ title: 'check' }, { title: 'state' }, { title: 'detail' }, { title: 'hint' }],
      rows: findings.map(({ check, state, detail, hint }) => [
        check,
        { text: state, tone: tones[state] },
        detail,
        hint,
      ]),
    },
  ];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Records of a list inside a document; anything else has none. */
export function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
