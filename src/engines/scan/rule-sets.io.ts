import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../kernel/index.ts';
import { memorySource, typeOfSource, unpack } from '../content/index.ts';
import { scanErrors } from './errors.ts';
import type { RuleSource } from './job.ts';
import type { RuleCheck } from './rule-check.io.ts';
import {
  allRules,
  hiddenNames,
  isRuleFile,
  rulesDir,
  rulesIn,
  setNames,
  shippedRules,
} from './rule-files.io.ts';
import { rulesVersion } from './yara.ts';

export interface RuleSetView {
  readonly name: string;
  readonly files: number;
  readonly rules: number;
  readonly bytes: number;
  readonly version: string;
}

/** Keeps the rule sets of a data directory. Each is taken whole or not at all. */
export interface RuleSets {
  list(): readonly RuleSetView[];
  /** From a rule file, a folder of them, or a ZIP archive; a set of the same name is replaced. */
  add(path: string, name?: string): Promise<RuleSetView>;
  remove(name: string): Promise<void>;
  /** Of all rules together. */
  version(): string;
}

export interface RuleSetOptions {
  readonly dataDir: string;
  bytesMax(): number;
  /** Tells the engines; resolves when it is told. */
  publish(version: string): Promise<void>;
}

const SHIPPED_NAME = 'shipped';
const NAME = /^(?!shipped$)[a-z0-9][a-z0-9._-]{0,63}$/;
const FILES_MAX = 10_000;
const PROBLEMS_SHOWN = 20;

export function createRuleSets({ dataDir, bytesMax, publish }: RuleSetOptions): RuleSets {
  const dir = rulesDir(dataDir);
  const version = (): string => rulesVersion(allRules(dataDir));
  return {
    version,
    list: () => [
      viewOf(SHIPPED_NAME, shippedRules()),
      ...setNames(dir).map((name) => viewOf(name, rulesIn(join(dir, name), name))),
    ],
    add: async (path, given) => {
      const name = given ?? nameFrom(path);
      if (!NAME.test(name)) throw scanErrors.SCAN_RULES_NAME({ name });
      const sources = await readSet(path, name, bytesMax());
      await check(name, sources);
      write(dir, name, sources);
      await publish(version());
      return viewOf(name, rulesIn(join(dir, name), name));
    },
    remove: async (name) => {
      recover(dir);
      if (!setNames(dir).includes(name)) throw scanErrors.SCAN_RULES_UNKNOWN({ name });
      discard(dir, name);
      await publish(version());
    },
  };
}

function viewOf(name: string, sources: readonly RuleSource[]): RuleSetView {
  const count = (text: string): number =>
    text.match(/^[ \t]*(?:(?:private|global)\s+)*rule\s+\w+/gm)?.length ?? 0;
  return {
    name,
    files: sources.length,
    rules: sources.reduce((sum, { text }) => sum + count(text), 0),
    bytes: sources.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
    version: rulesVersion(sources),
  };
}

function nameFrom(path: string): string {
  return basename(path)
    .replace(/\.(?:yara?|zip)$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-');
}

async function readSet(path: string, name: string, bytesMax: number): Promise<readonly RuleSource[]> {
  let sources: readonly RuleSource[];
  try {
    const found = statSync(path);
    if (!found.isDirectory() && found.size > bytesMax) {
      throw scanErrors.SCAN_RULES_TOO_LARGE({ name, max: bytesMax });
    }
    sources = found.isDirectory() ? rulesIn(path, name) : await fromFile(path, name, bytesMax);
  } catch (error) {
    if (error instanceof Error && error.name === 'GatewayError') throw error;
    throw scanErrors.SCAN_RULES_UNREADABLE({ path, why: messageOf(error) }, { cause: error });
  }
  if (sources.length === 0)
    throw scanErrors.SCAN_RULES_UNREADABLE({ path, why: 'it has no .yar or .yara file' });
  const bytes = sources.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes > bytesMax) throw scanErrors.SCAN_RULES_TOO_LARGE({ name, max: bytesMax });
  return sources;
}

async function fromFile(path: string, name: string, bytesMax: number): Promise<readonly RuleSource[]> {
  const source = memorySource(readFileSync(path));
  const type = typeOfSource(source);
  if (type.name !== 'zip') {
    return [
      { namespace: `${name}/${stem(basename(path))}`, text: source.read(0, source.size).toString('utf8') },
    ];
  }
  const sources: RuleSource[] = [];
  const troubles: string[] = [];
  const taken = new Set<string>();
  const limits = {
    depthMax: 1,
    entriesMax: FILES_MAX,
    bytesMax,
    memberMax: bytesMax,
    memberMemory: bytesMax,
    ratioMax: Number.MAX_SAFE_INTEGER,
    ratioFrom: bytesMax,
    wholeMax: bytesMax,
    expired: () => false,
    spool: () => undefined,
  };
  await unpack(source, type, limits, {
    file: ({ path: inner, source: content }) => {
      if (!isRuleFile(inner)) return true;
      // `a.yar` and `a.yara`, or two names that differ in what `stem` replaces: each is a file of its own.
      let namespace = `${name}/${stem(inner)}`;
      for (let more = 2; taken.has(namespace); more++) namespace = `${name}/${stem(inner)}-${more}`;
      taken.add(namespace);
      sources.push({
        namespace,
        text: content.read(0, content.size).toString('utf8'),
      });
      return true;
    },
    trouble: (inner, { detail }) => void troubles.push(`${inner}: ${detail}`),
    trait: () => undefined,
  });
  // Half of a rule set is not the set.
  if (troubles.length > 0) throw new Error(troubles.slice(0, 3).join('; '));
  return sources;
}

/** The path inside a set, safe as the name of a file: no steps upward, no characters that a shell would read. */
function stem(path: string): string {
  return path
    .replace(/\.yara?$/i, '')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => part.replace(/[^\w.-]+/g, '_'))
    .join('/');
}

async function check(name: string, sources: readonly RuleSource[]): Promise<void> {
  const result = await checkRules(sources);
  if (result.kind === 'unavailable') throw scanErrors.SCAN_YARA_UNAVAILABLE({ why: result.why });
  const { problems } = result;
  if (problems.length === 0) return;
  const shown = problems
    .slice(0, PROBLEMS_SHOWN)
    .map(({ file, line, message }) => `${file} line ${line}: ${message}`);
  throw scanErrors.SCAN_RULES_WRONG({ name, count: problems.length, problems: shown.join('; ') });
}

/** Large collections compile in seconds. */
const CHECK_MS = 120_000;

/** Tries rules in a thread of its own. */
export function checkRules(sources: readonly RuleSource[]): Promise<RuleCheck> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`compiling took longer than ${CHECK_MS / 1000} seconds`));
      void worker.terminate();
    }, CHECK_MS);
    const worker = new Worker(new URL('rule-check.io.ts', import.meta.url), {
      workerData: sources,
      execArgv: [],
    });
    worker.once('message', (answer: RuleCheck) => resolve(answer));
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the thread that tries rules ended with code ${code}`));
    });
  });
}

/** Written beside, then put in place by one rename. */
function write(dir: string, name: string, sources: readonly RuleSource[]): void {
  recover(dir);
  const fresh = join(dir, `.new-${randomBytes(6).toString('hex')}`);
  for (const { namespace, text } of sources) {
    const path = join(fresh, `${namespace.slice(name.length + 1)}.yar`);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
  const old = oldPath(dir, name);
  if (setNames(dir).includes(name)) renameSync(join(dir, name), old);
  renameSync(fresh, join(dir, name));
  rmSync(old, { recursive: true, force: true });
}

function discard(dir: string, name: string): void {
  const old = oldPath(dir, name);
  if (setNames(dir).includes(name)) renameSync(join(dir, name), old);
  rmSync(old, { recursive: true, force: true });
}

/** After a process that was killed: a set that was being replaced is there again, half-written ones are gone. */
function recover(dir: string): void {
  const names = new Set(setNames(dir));
  for (const left of hiddenNames(dir)) {
    const name = /^\.old-(.+)$/.exec(left)?.[1];
    if (name !== undefined && !names.has(name)) renameSync(join(dir, left), join(dir, name));
    else rmSync(join(dir, left), { recursive: true, force: true });
  }
}

function oldPath(dir: string, name: string): string {
  return join(dir, `.old-${name}`);
}
