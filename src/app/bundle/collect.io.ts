import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import {
  arch,
  cpus,
  loadavg,
  networkInterfaces,
  release,
  totalmem,
  type as systemType,
  uptime,
} from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import {
  type Clock,
  type CommandIo,
  defineCommand,
  formatBytes,
  messageOf,
  type Result,
} from '../../kernel/index.ts';
import { SECRET_PARAMETERS } from '../../engines/config/index.ts';
import { tarEnd, tarHeader, tarPadding } from '../../protocols/tar/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import { doctorDocument, type DoctorEngines } from '../doctor/index.ts';
import { appErrors } from '../errors.ts';
import { type Redaction, redactionOf } from './redact.ts';

export interface BundleEngines extends DoctorEngines {
  readonly clock: Clock;
}

/** What is asked of the gateway, and the file that it comes into. */
const QUESTIONS: readonly string[] = [
  'version',
  'status',
  'show ports',
  'show services',
  'show health',
  'show certificates',
  'verify certificates',
  'show config',
  'show config versions',
  'show policy',
  'policy versions',
  'show feeds',
  'show indicators',
  'scan rules list',
  'quarantine list',
  'show metrics',
  'show log',
  'show audit',
];
const ACCESS_BYTES = 1024 * 1024;

export const collectCommand = defineCommand<BundleEngines>({
  words: 'log collect',
  summary: 'Write a bundle for whoever helps: health, settings, logs, audit, without secrets',
  positionals: [{ name: 'file', help: 'Where to write it, a .tar.gz; it must not exist', file: true }],
  options: {
    access: { help: 'With the end of the access log: it names people and the places they went to' },
  },
  role: 'admin',
  where: 'here',
  remote: true,
  examples: ['log collect gateway-logs.tar.gz'],
  async run(engines, input, io): Promise<Result> {
    const file = input.words['file'] ?? '';
    if ((await stat(file).catch(() => undefined)) !== undefined) throw appErrors.FILE_EXISTS({ path: file });
    const entries = await gather(engines, input.options['access'] === true, io);
    const bytes = await writeTar(file, entries, engines.clock.now());
    const text = `${entries.length} files in ${file}, ${formatBytes(bytes)}; look into it before you send it`;
    return {
      document: { file, bytes, entries: entries.map(({ name }) => name) },
      view: [{ kind: 'text', text }],
    };
  },
});

interface Entry {
  readonly name: string;
  readonly text: string;
}

/** Every part by itself: what cannot be had says why in its place. */
async function gather(engines: BundleEngines, access: boolean, io: CommandIo): Promise<readonly Entry[]> {
  const examination = await engines.examine().catch(() => undefined);
  const redaction = redactionOf(urlRedactor(examination?.config.log.redactQuery ?? SECRET_PARAMETERS));
  const document = (name: string, value: unknown): Entry => documentEntry(name, value, redaction);
  const entries: Entry[] = [document('system', systemFacts())];
  io.progress('doctor', 0, QUESTIONS.length + 1);
  entries.push(document('doctor', await doctorDocument(engines)));
  if (examination === undefined) return entries;
  for (const [at, words] of QUESTIONS.entries()) {
    io.progress(words, at + 1, QUESTIONS.length + 1);
    const answer = await examination.ask(words).catch((error: unknown) => ({ error: messageOf(error) }));
    entries.push(document(words.replaceAll(' ', '-'), answer));
  }
  const { file, dataDir } = examination.config;
  entries.push(document('settings', examination.config));
  if (file !== undefined) {
    entries.push({
      name: 'sallyport.yaml',
      text: redaction.text(await readFile(file, 'utf8').catch(messageOf)),
    });
  }
  if (access) {
    const text = await readFile(join(dataDir, 'log', 'access.log'), 'utf8').catch(() => '');
    entries.push({ name: 'access.log', text: redaction.text(text.slice(-ACCESS_BYTES)) });
  }
  return entries;
}

function documentEntry(name: string, value: unknown, redaction: Redaction): Entry {
  const text = JSON.stringify(redaction.document(value), undefined, 2) ?? 'null';
  return { name: `${name}.json`, text: `${text}\n` };
}

function systemFacts() {
  return {
    system: `${systemType()} ${release()} ${arch()}`,
    node: process.versions.node,
    cores: cpus().length,
    memory: formatBytes(totalmem()),
    load: loadavg(),
    uptimeS: Math.round(uptime()),
    interfaces: Object.fromEntries(
      Object.entries(networkInterfaces()).map(([name, list]) => [name, (list ?? []).map(({ cidr }) => cidr)]),
    ),
  };
}

async function writeTar(file: string, entries: readonly Entry[], nowMs: number): Promise<number> {
  const part = join(dirname(file), `.${nowMs.toString(36)}.part`);
  const handle = await open(part, 'wx', 0o600).catch((error: unknown) => {
    throw appErrors.FILE_UNWRITABLE({ path: file, reason: messageOf(error) });
  });
  try {
    const packed = createGzip();
    // What fails on the way ends the reading of `packed` with the same error.
    pipeline(Readable.from(tarOf(entries, nowMs)), packed, () => undefined);
    for await (const piece of packed as AsyncIterable<Buffer>) await handle.write(piece);
    const { size } = await handle.stat();
    await rename(part, file);
    return size;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

function* tarOf(entries: readonly Entry[], nowMs: number): Generator<Buffer> {
  for (const { name, text } of entries) {
    const bytes = Buffer.from(text);
    yield tarHeader({ name: `sallyport/${name}`, size: bytes.length, mtimeS: nowMs / 1000 });
    yield bytes;
    yield tarPadding(bytes.length);
  }
  yield tarEnd();
}
