import {
  type Command,
  defineCommand,
  formatBytes,
  type Input,
  listOption,
  textOption,
} from '../../kernel/index.ts';
import type { Json } from '../state/index.ts';
import { FORMATS } from './target.ts';
import type { LogTargets, LogTargetView } from './targets.io.ts';

interface Engines {
  readonly logTargets: LogTargets;
}

const NAME = { name: 'NAME', help: 'Name of the target' } as const;

const add = defineCommand<Engines>({
  words: 'log target add',
  summary: 'Send events to a syslog server, an OpenTelemetry collector or a file',
  positionals: [NAME],
  options: {
    url: {
      help: 'syslog+tls://HOST:PORT, syslog+tcp://…, syslog+udp://…, https://HOST/v1/logs (OTLP), file:///PATH',
      value: 'URL',
    },
    format: { help: 'Of the message; OTLP has its own', value: 'FORMAT', choices: FORMATS },
    framing: { help: 'Of syslog over TCP and TLS', value: 'HOW', choices: ['octets', 'line'] },
    type: {
      help: 'decision.block, or decision. for all of a kind; else all but allows',
      value: 'TYPE',
      repeat: true,
    },
    severity: { help: 'This one and worse', value: 'LEVEL', choices: ['info', 'warn', 'error'] },
    facility: { help: 'Of syslog, 0 to 23; 16 is local0', value: 'N' },
    'ca-file': { help: 'Authority of the receiver, PEM', value: 'FILE', file: true },
    'certificate-file': { help: 'Certificate that we show, PEM', value: 'FILE', file: true },
    'key-file': { help: 'Its key, PEM', value: 'FILE', file: true },
  },
  role: 'admin',
  where: 'running',
  examples: ['log target add siem --url syslog+tls://siem.example:6514 --ca-file ca.pem --type decision.'],
  async run({ logTargets }, input, { actor }) {
    const name = input.words['NAME'] ?? '';
    const target = await logTargets.add(name, bodyIn(input), actor);
    return {
      document: target,
      view: [{ kind: 'text', text: `Events go to ${target.url}. Try it: log target test ${name}` }],
    };
  },
});

const list = defineCommand<Engines>({
  words: 'log target list',
  summary: 'Show where events go, and how that works',
  positionals: [],
  options: {},
  role: 'read',
  where: 'running',
  run({ logTargets }) {
    const views = logTargets.list();
    return Promise.resolve({
      document: views.map(({ target, status }) => ({ ...target, ...status })),
      view: [
        {
          kind: 'table',
          columns: ['name', 'to', 'format', 'state', 'sent', 'waiting', 'reason'].map((title) => ({ title })),
          rows: views.map(rowOf),
        },
      ],
    });
  },
});

const remove = defineCommand<Engines>({
  words: 'log target remove',
  summary: 'Send no more events to a target; what waits for it is gone',
  positionals: [NAME],
  options: {},
  role: 'admin',
  where: 'running',
  async run({ logTargets }, { words }, { actor }) {
    await logTargets.remove(words['NAME'] ?? '', actor);
    return { document: { removed: words['NAME'] }, view: [{ kind: 'text', text: 'Removed.' }] };
  },
});

const test = defineCommand<Engines>({
  words: 'log target test',
  summary: 'Send one message to a target now',
  positionals: [NAME],
  options: {},
  role: 'admin',
  where: 'running',
  async run({ logTargets }, { words }, { actor }) {
    await logTargets.test(words['NAME'] ?? '', actor);
    return {
      document: { sent: words['NAME'] },
      view: [{ kind: 'text', text: 'A message of type log-target.test was sent: see whether it arrived.' }],
    };
  },
});

export const logTargetCommands: readonly Command<Engines>[] = [add, list, remove, test];

function rowOf({ target, status }: LogTargetView) {
  const tone = status.state === 'ok' ? 'good' : status.state === 'failing' ? 'bad' : 'dim';
  const lost = status.droppedBytes === 0 ? '' : ` (lost ${formatBytes(status.droppedBytes)})`;
  return [
    target.name,
    target.url,
    target.format,
    { text: status.state, tone } as const,
    status.sent,
    `${formatBytes(status.waitingBytes)}${lost}`,
    status.reason,
  ];
}

function bodyIn(input: Input): Readonly<Record<string, Json>> {
  const body: Record<string, Json> = {};
  const put = (option: string, key = option): void => {
    const value = textOption(input, option);
    if (value !== undefined) body[key] = value;
  };
  for (const option of ['url', 'format', 'framing', 'severity']) put(option);
  put('ca-file', 'caFile');
  put('certificate-file', 'certificateFile');
  put('key-file', 'keyFile');
  const facility = textOption(input, 'facility');
  if (facility !== undefined) body['facility'] = Number(facility);
  const types = listOption(input, 'type');
  if (types.length > 0) body['types'] = [...types];
  return body;
}
