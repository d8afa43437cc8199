import { hash } from 'node:crypto';
import type { FileType, IncompleteReason, Severity } from '../../kernel/index.ts';
import type { Source } from '../content/index.ts';
import type { RuleSource } from './job.ts';

/** What we use of the library: it has no types of its own. */
export interface YaraLibrary {
  create(): YaraRules;
  compile(text: string, options: CompileOptions): YaraRules;
  validate(
    text: string,
    options: CompileOptions,
  ): { readonly errors: readonly { readonly message: string }[] };
}

export interface CompileOptions {
  readonly defineVariables: Readonly<Record<string, string>>;
  readonly relaxedReSyntax: boolean;
}

export interface YaraRules {
  addRuleSource(text: string, namespace: string): void;
  scan(bytes: Buffer, variables: Readonly<Record<string, string>>): readonly YaraMatch[];
  readonly setTimeout: (ms: number) => void;
  setMaxMatchesPerPattern(count: number): void;
}

interface YaraMatch {
  readonly ruleIdentifier: string;
  readonly namespace: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly matches: readonly { readonly offset: number; readonly length: number; readonly data: string }[];
}

/** Rules of the common collections ask for these (signature-base and the scanners it is written for). */
export const EXTERNALS: Readonly<Record<string, string>> = {
  filename: '',
  filepath: '',
  extension: '',
  filetype: '',
  owner: '',
};

/** Collections are written for YARA, whose regular expressions let pass what YARA-X is strict about: `/a{b/`. */
export const COMPILE_OPTIONS: CompileOptions = { defineVariables: EXTERNALS, relaxedReSyntax: true };

export interface RuleMatcher {
  match(source: Source, type: FileType, name: string): RuleOutcome;
}

export interface RuleOutcome {
  readonly matches: readonly {
    readonly name: string;
    readonly source: string;
    readonly severity: Severity;
  }[];
  readonly problem: { readonly reason: IncompleteReason; readonly detail: string } | undefined;
}

/** Pieces of a long file overlap by so much: longer patterns across an edge are not found. */
const OVERLAP = 64 * 1024;
/** Smaller files are read into a buffer of their size. */
const WINDOW_FROM = 1024 * 1024;

/** Compiles all sources to one matcher; throws what the library says of the first mistake. */
export function compileRules(
  library: YaraLibrary,
  sources: readonly RuleSource[],
  limits: { readonly windowMax: number; readonly timeoutMs: number },
): RuleMatcher {
  const rules = library.compile('', COMPILE_OPTIONS);
  for (const { text, namespace } of sources) rules.addRuleSource(text, namespace);
  rules.setTimeout(limits.timeoutMs);
  // Conditions may count matches; more than this says nothing new and costs memory.
  rules.setMaxMatchesPerPattern(1000);
  let window: Buffer | undefined;
  /** One buffer for all windows: a new one for each is more garbage than the collector keeps up with. */
  const read = (source: Source, at: number): Buffer => {
    if (source.readInto === undefined || source.size < WINDOW_FROM) return source.read(at, limits.windowMax);
    window ??= Buffer.allocUnsafeSlow(limits.windowMax);
    return source.readInto(window, at);
  };
  return {
    match: (source, type, name) => {
      const variables = externalsOf(type, name);
      const found = new Map<string, RuleOutcome['matches'][number]>();
      try {
        for (let at = 0; ; at += limits.windowMax - OVERLAP) {
          for (const match of rules.scan(read(source, at), variables)) {
            const key = `${match.namespace}:${match.ruleIdentifier}`;
            if (!found.has(key)) found.set(key, findingOf(match));
          }
          if (at + limits.windowMax >= source.size) break;
        }
      } catch (error) {
        const isLate = error instanceof Error && /time/i.test(error.message);
        const problem = isLate
          ? { reason: 'timeout' as const, detail: 'matching took longer than scan.yara.timeout' }
          : { reason: 'unavailable' as const, detail: 'the YARA library failed' };
        return { matches: [...found.values()], problem };
      }
      return { matches: [...found.values()], problem: undefined };
    },
  };
}

function findingOf({ ruleIdentifier, namespace, meta }: YaraMatch): RuleOutcome['matches'][number] {
  return { name: ruleIdentifier, source: namespace, severity: severityOf(meta) };
}

/**
 * By `severity` in the meta section; else by `score` as signature-base and its scanners use it (0 to 100, 75
 * where a rule says nothing); rules without either are written for malware.
 */
export function severityOf(meta: Readonly<Record<string, unknown>>): Severity {
  const { severity } = meta;
  const said = typeof severity === 'string' ? severity.toLowerCase() : '';
  if (said === 'low' || said === 'medium' || said === 'high' || said === 'critical') return said;
  const score = Number(meta['score'] ?? Number.NaN);
  if (Number.isNaN(score)) return 'high';
  if (score >= 90) return 'critical';
  if (score >= 70) return 'high';
  return score >= 60 ? 'medium' : 'low';
}

function externalsOf(type: FileType, path: string): Record<string, string> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return {
    filename: textual(name),
    filepath: textual(path),
    extension: dot > 0 ? name.slice(dot).toLowerCase() : '',
    filetype: type.name === 'pe' ? 'EXE' : type.name.toUpperCase(),
    owner: '',
  };
}

/** The library takes texts that look like numbers or truth values for such, and then refuses them: `/download/1`. */
function textual(value: string): string {
  return /^(?:[+-]?\d+|true|false)$/i.test(value) ? `./${value}` : value;
}

/** The version of a set of rules. */
export function rulesVersion(sources: readonly RuleSource[]): string {
  return hash('sha256', JSON.stringify(sources.map(({ namespace, text }) => [namespace, text]))).slice(0, 16);
}

/** Whether verdicts may depend on the name of a file. */
export function usesNames(sources: readonly RuleSource[]): boolean {
  return sources.some(({ text }) => /\b(?:filename|filepath|extension)\b/.test(text));
}
