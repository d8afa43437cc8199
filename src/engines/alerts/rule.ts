import { isMailAddress } from '../../protocols/smtp/index.ts';
import { parseDuration } from '../../kernel/index.ts';
import { documentSection, type JsonObject, type StateSection } from '../state/index.ts';

/** What a rule looks at. */
export const ALERT_KINDS = ['health', 'feed', 'certificate', 'disk', 'bans', 'events'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Fields of an event by which `events` rules choose and group. */
export const EVENT_FIELDS = ['type', 'severity', 'door', 'source', 'user', 'target', 'rule', 'feed'] as const;
export type EventField = (typeof EVENT_FIELDS)[number];

export interface AlertRule {
  readonly name: string;
  /** A stored rule replaces the built-in one of its name. */
  readonly origin: 'built-in' | 'stored';
  readonly kind: AlertKind;
  readonly severity: 'warn' | 'error';
  /** `health`: parts of the gateway, with `*` for anything. */
  readonly part: string;
  /** `health`: this state or worse. */
  readonly state: 'degraded' | 'down';
  /** `certificate`: days that are left. */
  readonly days: number;
  /** `disk`: free space in percent. */
  readonly percent: number;
  /** `events`, `bans`: so many within `windowMs`. */
  readonly count: number;
  readonly windowMs: number;
  /** `events`: what is counted. */
  readonly where: Readonly<Partial<Record<EventField, string>>>;
  /** `events`: counted apart for each value of this field. */
  readonly by: EventField | undefined;
  /** It must hold so long before anybody is told, and be over so long before it is called over. */
  readonly forMs: number;
  /** Told again after this while it lasts; 0: once. */
  readonly repeatMs: number;
  readonly mail: readonly string[];
  readonly webhooks: readonly string[];
  /** Names of log targets. */
  readonly targets: readonly string[];
  readonly note: string;
}

export interface RuleProblem {
  readonly path: string;
  readonly message: string;
}

type Check = (value: unknown) => string | undefined;

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const TEXT_MAX = 500;
const CHANNELS_MAX = 20;

export function isRuleName(name: string): boolean {
  return NAME.test(name);
}

const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value) ? undefined : `expected one of: ${values.join(', ')}`;
const whole =
  (min: number, max: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? undefined
      : `expected a whole number from ${min} to ${max}`;
const text: Check = (value) =>
  typeof value === 'string' && value.length <= TEXT_MAX && !/\p{Cc}/u.test(value)
    ? undefined
    : `expected one line of at most ${TEXT_MAX} characters`;
const time =
  (minMs: number, maxMs: number, example: string): Check =>
  (value) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined;
    return ms !== undefined && ms >= minMs && ms <= maxMs
      ? undefined
      : `expected a length of time such as ${example}`;
  };
const listOf =
  (what: string, check: (value: string) => boolean): Check =>
  (value) => {
    if (!Array.isArray(value) || value.length > CHANNELS_MAX)
      return `expected at most ${CHANNELS_MAX} ${what}`;
    return value.every((each) => typeof each === 'string' && check(each)) ? undefined : `expected ${what}`;
  };

const DAY_MS = 86_400_000;

const KEYS: Readonly<Record<string, Check>> = {
  when: oneOf(ALERT_KINDS),
  severity: oneOf(['warn', 'error']),
  part: text,
  state: oneOf(['degraded', 'down']),
  days: whole(1, 3650),
  percent: whole(1, 99),
  count: whole(1, 1_000_000_000),
  window: time(10_000, 7 * DAY_MS, '10m'),
  where: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return 'expected fields with values';
    const wrong = Object.entries(value).find(
      ([field, each]) => !(EVENT_FIELDS as readonly string[]).includes(field) || text(each) !== undefined,
    );
    return wrong === undefined ? undefined : `expected values of ${EVENT_FIELDS.join(', ')}`;
  },
  by: oneOf(EVENT_FIELDS),
  for: time(0, DAY_MS, '5m'),
  repeat: time(0, 30 * DAY_MS, '4h'),
  mail: listOf('mail addresses', isMailAddress),
  webhooks: listOf('http or https URLs', isWebhook),
  targets: listOf('names of log targets', (name) => NAME.test(name)),
  note: text,
};

/** Without user information: secrets do not stand in rules. */
function isWebhook(given: string): boolean {
  const url = given.length <= 2000 && !/[\p{Cc} ]/u.test(given) ? URL.parse(given) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

/** What is wrong with a rule as a document; empty: nothing. */
export function ruleProblems(name: string, body: JsonObject): readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  if (!isRuleName(name)) problems.push({ path: name, message: 'this is no name of a rule' });
  if (body['when'] === undefined) problems.push({ path: `${name}.when`, message: 'is missing' });
  for (const [key, value] of Object.entries(body)) {
    const message = (KEYS[key] ?? (() => `unknown key; known are ${Object.keys(KEYS).join(', ')}`))(value);
    if (message !== undefined) problems.push({ path: `${name}.${key}`, message });
  }
  return problems;
}

/** Parts and certificates flap: health is told when it lasts; a counted thing at once. */
const FOR_MS: Partial<Record<AlertKind, number>> = { health: 60_000 };
const REPEAT_MS = 4 * 3_600_000;
const WINDOW_MS = 600_000;

/** A document without problems as a rule. */
export function ruleOf(name: string, body: JsonObject, origin: AlertRule['origin'] = 'stored'): AlertRule {
  // `ruleProblems` has looked at every key before a document was stored.
  const given = body as unknown as RuleDocument;
  const kind = given.when;
  const ms = (value: string | undefined, otherwise: number): number =>
    value === undefined ? otherwise : (parseDuration(value) ?? otherwise);
  return {
    name,
    origin,
    kind,
    severity: given.severity ?? 'warn',
    part: given.part ?? '*',
    state: given.state ?? 'degraded',
    days: given.days ?? 14,
    percent: given.percent ?? 10,
    count: given.count ?? 1,
    windowMs: ms(given.window, WINDOW_MS),
    where: given.where ?? {},
    by: given.by,
    forMs: ms(given.for, FOR_MS[kind] ?? 0),
    repeatMs: ms(given.repeat, REPEAT_MS),
    mail: given.mail ?? [],
    webhooks: given.webhooks ?? [],
    targets: given.targets ?? [],
    note: given.note ?? '',
  };
}

interface RuleDocument {
  readonly when: AlertKind;
  readonly severity?: AlertRule['severity'];
  readonly part?: string;
  readonly state?: AlertRule['state'];
  readonly days?: number;
  readonly percent?: number;
  readonly count?: number;
  readonly window?: string;
  readonly where?: AlertRule['where'];
  readonly by?: EventField;
  readonly for?: string;
  readonly repeat?: string;
  readonly mail?: readonly string[];
  readonly webhooks?: readonly string[];
  readonly targets?: readonly string[];
  readonly note?: string;
}

/** Rules that every gateway has; a stored rule of the same name replaces one. */
export const BUILT_IN_RULES: readonly AlertRule[] = [
  ruleOf(
    'part-down',
    { when: 'health', state: 'down', for: '30s', severity: 'error', note: 'A part does not work' },
    'built-in',
  ),
  ruleOf(
    'part-degraded',
    { when: 'health', state: 'degraded', for: '5m', note: 'A part works less well' },
    'built-in',
  ),
  ruleOf('feed-stale', { when: 'feed', note: 'A list gets old' }, 'built-in'),
  ruleOf(
    'certificate-expiry',
    { when: 'certificate', days: 14, repeat: '1d', note: 'A certificate ends soon' },
    'built-in',
  ),
  ruleOf(
    'disk-low',
    { when: 'disk', percent: 10, for: '1m', severity: 'error', note: 'The data directory has little room' },
    'built-in',
  ),
  ruleOf(
    'login-bans',
    { when: 'bans', count: 1, window: '10m', repeat: '0s', note: 'Somebody guesses passwords' },
    'built-in',
  ),
];

/** `{many-blocks: {when: events, where: {type: decision.block}, count: 100, window: 5m, mail: [ops@example.org]}}` */
export const alertRulesSection: StateSection = documentSection('alert-rules', (document) =>
  Object.entries(document).flatMap(([name, body]) => ruleProblems(name, body)),
);
