import { parseDuration, TLPS } from '../../kernel/index.ts';
import { EXPORT_GROUPS } from '../../protocols/exports/index.ts';
import { documentSection, type JsonObject, type StateSection } from '../state/index.ts';
import { everything, type ExportDefinition, type ExportFilter } from './definition.ts';
import { SEVERITY_ORDER } from './filter.ts';

/** A problem of one key of a document that an operator wrote. */
export interface DocumentProblem {
  readonly path: string;
  readonly message: string;
}

export const EXPORT_KINDS = Object.values(EXPORT_GROUPS).flat();
export const EXPORT_ACTIONS = ['block', 'allow', 'label', 'any'] as const;
const PUBLISHABLE = TLPS.filter((tlp) => tlp !== 'red');
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const LIST_MAX = 1000;
const TEXT_MAX = 500;

export function isExportName(name: string): boolean {
  return NAME.test(name);
}

type Check = (value: unknown) => string | undefined;

const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value) ? undefined : `expected one of: ${values.join(', ')}`;
const listOf =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'expected a list';
    if (value.length > LIST_MAX) return `must not have more than ${LIST_MAX} entries`;
    return value.map(check).find((problem) => problem !== undefined);
  };
const text: Check = (value) =>
  typeof value === 'string' && value.length <= TEXT_MAX && !/\p{Cc}/u.test(value)
    ? undefined
    : `expected one line of at most ${TEXT_MAX} characters`;
const whole =
  (min: number, max: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? undefined
      : `expected a whole number from ${min} to ${max}`;

const KEYS: Readonly<Record<string, Check>> = {
  feeds: listOf((value) =>
    typeof value === 'string' && NAME.test(value) ? undefined : 'expected names of feeds',
  ),
  kinds: listOf(oneOf(EXPORT_KINDS)),
  categories: listOf(text),
  severity: oneOf(SEVERITY_ORDER),
  confidence: whole(0, 100),
  action: oneOf(EXPORT_ACTIONS),
  maxAge: (value) =>
    typeof value === 'string' && (parseDuration(value) ?? 0) >= 1000
      ? undefined
      : 'expected a length of time such as 30d',
  addedAfter: (value) =>
    typeof value === 'string' && !Number.isNaN(Date.parse(value))
      ? undefined
      : 'expected a time such as 2026-01-31T00:00:00Z',
  tlp: oneOf(PUBLISHABLE),
  public: (value) => (typeof value === 'boolean' ? undefined : 'expected true or false'),
  limit: whole(1, 100_000_000),
  split: whole(1, 100_000_000),
  note: text,
};

/** What is wrong with an export as a document; empty: nothing. */
export function exportProblems(name: string, body: JsonObject): readonly DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  if (!isExportName(name)) problems.push({ path: name, message: 'this is no name of an export' });
  for (const [key, value] of Object.entries(body)) {
    const message = (KEYS[key] ?? (() => `unknown key; known are ${Object.keys(KEYS).join(', ')}`))(value);
    if (message !== undefined) problems.push({ path: `${name}.${key}`, message });
  }
  return problems;
}

/** A document without problems as a definition. */
export function exportOf(name: string, body: JsonObject): ExportDefinition {
  // `exportProblems` has looked at every key before a document was stored.
  const given = body as ExportDocument;
  const changes: { -readonly [K in keyof ExportFilter]?: ExportFilter[K] } = {
    feeds: given.feeds ?? [],
    kinds: given.kinds ?? [],
    categories: given.categories ?? [],
    confidenceMin: given.confidence ?? 0,
    action: given.action ?? 'block',
  };
  if (given.severity !== undefined) changes.severityMin = given.severity;
  if (given.tlp !== undefined) changes.tlpMax = given.tlp;
  if (given.maxAge !== undefined) changes.maxAgeS = Math.floor((parseDuration(given.maxAge) ?? 0) / 1000);
  if (given.addedAfter !== undefined) changes.addedAfterS = Math.floor(Date.parse(given.addedAfter) / 1000);
  return {
    name,
    origin: 'stored',
    public: given.public ?? false,
    filter: everything(changes),
    limit: given.limit,
    split: given.split,
    note: given.note ?? '',
  };
}

interface ExportDocument {
  readonly feeds?: readonly string[];
  readonly kinds?: ExportFilter['kinds'];
  readonly categories?: readonly string[];
  readonly severity?: ExportFilter['severityMin'];
  readonly confidence?: number;
  readonly action?: ExportFilter['action'];
  readonly maxAge?: string;
  readonly addedAfter?: string;
  readonly tlp?: ExportFilter['tlpMax'];
  readonly public?: boolean;
  readonly limit?: number;
  readonly split?: number;
  readonly note?: string;
}

/** A TAXII collection that others may write to. What is written becomes a feed of its name. */
export interface CollectionDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

const COLLECTION_KEYS: Readonly<Record<string, Check>> = { title: text, description: text };

export function collectionProblems(name: string, body: JsonObject): readonly DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  if (!isExportName(name) || name === 'local')
    problems.push({ path: name, message: 'this is no name of a collection' });
  for (const [key, value] of Object.entries(body)) {
    const message = (COLLECTION_KEYS[key] ?? (() => 'unknown key; known are title, description'))(value);
    if (message !== undefined) problems.push({ path: `${name}.${key}`, message });
  }
  return problems;
}

export function collectionOf(name: string, body: JsonObject): CollectionDefinition {
  const { title, description } = body;
  return {
    name,
    title: typeof title === 'string' && title !== '' ? title : name,
    description: typeof description === 'string' ? description : '',
  };
}

/** `{partners: {feeds: [urlhaus], severity: high, public: true}}` */
export const exportsSection: StateSection = documentSection('exports', (document) =>
  Object.entries(document).flatMap(([name, body]) => exportProblems(name, body)),
);

/** `{inbox: {title: From partners}}` */
export const collectionsSection: StateSection = documentSection('collections', (document) =>
  Object.entries(document).flatMap(([name, body]) => collectionProblems(name, body)),
);
