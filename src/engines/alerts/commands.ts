import {
  type Cell,
  type Command,
  defineCommand,
  formatDuration,
  type Input,
  listOption,
  parseDuration,
  textOption,
} from '../../kernel/index.ts';
import type { JsonObject } from '../state/index.ts';
import type { Alarm } from './alarm.ts';
import type { Alerts, RuleView } from './alerts.io.ts';
import { readSecretLine } from './channels.io.ts';
import { channelName } from './deliveries.ts';
import { alertErrors } from './errors.ts';
import { ALERT_KINDS, type AlertRule, EVENT_FIELDS } from './rule.ts';

export interface AlertEngines {
  readonly alerts: Alerts;
}

const NAME = { name: 'NAME', help: 'Name of the rule' } as const;
const NUMBERS = ['count', 'days', 'percent'] as const;
const TEXTS = ['severity', 'part', 'state', 'window', 'by', 'for', 'repeat', 'note'] as const;

const alertAdd = defineCommand<AlertEngines>({
  words: 'alert add',
  summary: 'Tell somebody when something is not as it should be',
  positionals: [NAME],
  options: {
    when: { help: 'What to look at', value: 'KIND', choices: ALERT_KINDS },
    part: { help: 'health: parts, with * for anything, such as "edge*"', value: 'PART' },
    state: { help: 'health: this state or worse', value: 'STATE', choices: ['degraded', 'down'] },
    days: { help: 'certificate: days that are left', value: 'N' },
    percent: { help: 'disk: free space below so many percent', value: 'N' },
    count: { help: 'events, bans: so many in the window', value: 'N' },
    window: { help: 'events, bans: length of the window, such as 10m', value: 'TIME' },
    where: {
      help: `events: only those where a field has this value, of ${EVENT_FIELDS.join(', ')}; a type may end with a dot`,
      value: 'FIELD=VALUE',
      repeat: true,
    },
    by: { help: 'events: counted apart for each value of this field', value: 'FIELD', choices: EVENT_FIELDS },
    for: { help: 'It must last so long before anybody is told', value: 'TIME' },
    repeat: { help: 'Tell again after this while it lasts; 0s: once', value: 'TIME' },
    severity: { help: 'How bad it is', value: 'LEVEL', choices: ['warn', 'error'] },
    mail: { help: 'Whom to write to', value: 'ADDRESS', repeat: true },
    webhook: { help: 'What to call', value: 'URL', repeat: true },
    target: { help: 'Log target to send it to, whatever its filter says', value: 'NAME', repeat: true },
    secret: { help: 'What webhooks are signed with; prefer the file', value: 'TEXT', secret: true },
    'secret-file': { help: 'File whose first line is that secret', value: 'FILE', file: true },
    note: { help: 'What it is for', value: 'TEXT' },
  },
  role: 'admin',
  where: 'running',
  examples: [
    'alert add many-blocks --when events --where type=decision.block --count 100 --window 5m --by source --mail ops@example.org',
    'alert add icap-down --when health --part icap --state down --webhook https://chat.example/hooks/7 --secret-file secret.txt',
  ],
  run: async ({ alerts }, input, io) => {
    const name = input.words['NAME'] ?? '';
    const file = textOption(input, 'secret-file');
    const secret = file === undefined ? textOption(input, 'secret') : readSecretLine(file);
    const added = await alerts.add(name, documentIn(input), secret, io.actor);
    return {
      document: ruleDocument({ ...added, silentUntilMs: undefined, isSigned: secret !== undefined }),
      view: [
        { kind: 'text', text: `The rule ${name} is in force. Try its channels with: alert test ${name}` },
      ],
    };
  },
});

const alertList = defineCommand<AlertEngines>({
  words: 'alert list',
  summary: 'List the alert rules, built-in ones too',
  positionals: [],
  options: {},
  role: 'read',
  where: 'running',
  run: async ({ alerts }) => {
    const rules = await alerts.rules();
    return {
      document: rules.map(ruleDocument),
      view: [
        {
          kind: 'table',
          columns: ['rule', 'origin', 'when', 'severity', 'tells', 'silent until', 'note'].map((title) => ({
            title,
          })),
          rows: rules.map((rule): readonly Cell[] => [
            rule.name,
            rule.origin,
            conditionText(rule),
            { text: rule.severity, tone: rule.severity === 'error' ? 'bad' : 'warn' },
            tellsText(rule),
            rule.silentUntilMs === undefined ? '' : isoTime(rule.silentUntilMs),
            rule.note,
          ]),
        },
      ],
    };
  },
});

const alertRemove = defineCommand<AlertEngines>({
  words: 'alert remove',
  summary: 'Remove an alert rule; its alarms end without a word',
  positionals: [NAME],
  options: {},
  role: 'admin',
  where: 'running',
  run: async ({ alerts }, input, io) => {
    const removed = await alerts.remove(input.words['NAME'] ?? '', io.actor);
    return {
      document: { removed: removed.name },
      view: [{ kind: 'text', text: `The rule ${removed.name} is removed.` }],
    };
  },
});

const alertTest = defineCommand<AlertEngines>({
  words: 'alert test',
  summary: 'Send a test over every channel of a rule, and say what came of it',
  positionals: [NAME],
  options: {},
  role: 'admin',
  where: 'running',
  run: async ({ alerts }, input) => {
    const results = await alerts.test(input.words['NAME'] ?? '');
    const rows = results.map(({ channel, failure }) => ({
      channel: channelName(channel),
      outcome: failure === undefined ? 'sent' : 'failed',
      reason: failure?.reason ?? '',
    }));
    return {
      document: rows,
      view: [
        {
          kind: 'table',
          columns: [{ title: 'channel' }, { title: 'outcome' }, { title: 'reason' }],
          rows: rows.map(({ channel, outcome, reason }): readonly Cell[] => [
            channel,
            { text: outcome, tone: outcome === 'sent' ? 'good' : 'bad' },
            reason,
          ]),
        },
      ],
      ...(rows.every(({ outcome }) => outcome === 'sent') ? {} : { exit: 10 }),
    };
  },
});

const alertSilence = defineCommand<AlertEngines>({
  words: 'alert silence',
  summary: 'Let a rule tell nobody for a while; what it finds is still shown',
  positionals: [NAME],
  options: {
    for: { help: 'How long, such as 2h', value: 'TIME', default: '2h' },
    off: { help: 'Tell again' },
  },
  role: 'admin',
  where: 'running',
  examples: ['alert silence disk-low --for 2h', 'alert silence disk-low --off'],
  run: async ({ alerts }, input) => {
    const name = input.words['NAME'] ?? '';
    const text = textOption(input, 'for') ?? '2h';
    const forMs = input.options['off'] === true ? 0 : (parseDuration(text) ?? 0);
    const isOff = input.options['off'] === true;
    if (!isOff && (forMs < 60_000 || forMs > YEAR_MS)) throw alertErrors.ALERT_SILENCE({ text });
    const until = await alerts.silence(name, forMs);
    return {
      document: { rule: name, silentUntil: until === undefined ? null : isoTime(until) },
      view: [
        {
          kind: 'text',
          text:
            until === undefined
              ? `The rule ${name} tells again.`
              : `The rule ${name} is silent until ${isoTime(until)}.`,
        },
      ],
    };
  },
});

const showAlerts = defineCommand<AlertEngines>({
  words: 'show alerts',
  summary: 'Show what is not as it should be, by the alert rules',
  positionals: [],
  options: {},
  role: 'read',
  where: 'running',
  run: async ({ alerts }) => {
    const rules = await alerts.rules();
    const rows = alerts.active().map((alarm) => alarmDocument(alarm, rules));
    const trouble = alerts
      .trouble()
      .map((text) => ({ kind: 'text' as const, text: `not delivered: ${text}` }));
    const view =
      rows.length === 0
        ? [{ kind: 'text' as const, text: 'There is no alert.' }]
        : [
            {
              kind: 'table' as const,
              columns: ['since', 'severity', 'rule', 'what', 'told'].map((title) => ({ title })),
              rows: rows.map((row): readonly Cell[] => [
                row.since,
                { text: row.severity, tone: row.severity === 'error' ? 'bad' : 'warn' },
                row.rule,
                row.text,
                row.silent ? 'silent' : (row.toldAt ?? ''),
              ]),
            },
          ];
    return { document: rows, view: [...view, ...trouble] };
  },
});

export const alertCommands: readonly Command<AlertEngines>[] = [
  alertAdd,
  alertList,
  alertRemove,
  alertTest,
  alertSilence,
  showAlerts,
];

const YEAR_MS = 365 * 86_400_000;

/** The options as the document that is stored. What is wrong in it is said by whoever stores it. */
function documentIn(input: Input): JsonObject {
  const document: Record<string, JsonObject[string]> = {};
  const when = textOption(input, 'when');
  if (when !== undefined) document['when'] = when;
  for (const name of TEXTS) {
    const value = textOption(input, name);
    if (value !== undefined) document[name] = value;
  }
  for (const name of NUMBERS) {
    const value = textOption(input, name);
    if (value !== undefined) document[name] = /^\d{1,10}$/.test(value) ? Number(value) : value;
  }
  const lists = { mail: 'mail', webhooks: 'webhook', targets: 'target' };
  for (const [key, option] of Object.entries(lists)) {
    const values = listOption(input, option);
    if (values.length > 0) document[key] = values;
  }
  const where = listOption(input, 'where');
  if (where.length > 0) {
    document['where'] = Object.fromEntries(
      where.map((pair) => {
        const at = pair.indexOf('=');
        return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      }),
    );
  }
  return document;
}

function ruleDocument({ forMs, repeatMs, windowMs, silentUntilMs, isSigned, by, ...rule }: RuleView) {
  return {
    ...rule,
    ...(by === undefined ? {} : { by }),
    forS: forMs / 1000,
    repeatS: repeatMs / 1000,
    windowS: windowMs / 1000,
    signed: isSigned,
    silentUntil: silentUntilMs === undefined ? null : isoTime(silentUntilMs),
  };
}

function alarmDocument({ rule, key, severity, text, sinceMs, toldAtMs }: Alarm, rules: readonly RuleView[]) {
  return {
    rule,
    about: key,
    severity,
    text,
    since: isoTime(sinceMs),
    toldAt: toldAtMs === undefined ? null : isoTime(toldAtMs),
    silent: rules.find(({ name }) => name === rule)?.silentUntilMs !== undefined,
  };
}

function conditionText(rule: AlertRule): string {
  const lasting = rule.forMs === 0 ? '' : ` for ${formatDuration(rule.forMs)}`;
  const where = Object.entries(rule.where)
    .map(([field, value]) => `${field}=${value}`)
    .join(' ');
  switch (rule.kind) {
    case 'health':
      return `${rule.part === '*' ? 'a part' : rule.part} is ${rule.state}${lasting}`;
    case 'feed':
      return `a feed is not fresh${lasting}`;
    case 'certificate':
      return `a certificate ends in ${rule.days} days or less`;
    case 'disk':
      return `less than ${rule.percent} % of the disk is free${lasting}`;
    case 'bans':
      return `${rule.count} bans in ${formatDuration(rule.windowMs)}`;
    case 'events':
      return `${rule.count} events ${where} in ${formatDuration(rule.windowMs)}${rule.by === undefined ? '' : ` by ${rule.by}`}`;
  }
}

function tellsText({ mail, webhooks, targets }: AlertRule): string {
  const channels = [
    ...(mail.length === 0 ? [] : [channelName({ kind: 'mail', to: mail })]),
    ...webhooks.map((url) => channelName({ kind: 'webhook', url })),
    ...targets.map((name) => channelName({ kind: 'target', name })),
  ];
  return channels.length === 0 ? 'alerts.mail' : channels.join('; ');
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
