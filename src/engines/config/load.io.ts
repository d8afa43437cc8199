import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { assemble } from './assemble.ts';
import { configErrors, type ConfigProblem } from './errors.ts';
import { parseConfig, type Override } from './parse.ts';
import type { FileTree } from './schema.ts';
import type { Config } from './tree.ts';

export interface LoadOptions {
  /** `--config`; `undefined`: the checkout's or `/etc/sallyport/sallyport.yaml`, where there is one. */
  readonly file?: string | undefined;
  readonly flags: ConfigFlags;
  readonly environment: {
    readonly SALLYPORT_DATA_DIR?: string | undefined;
    readonly STATE_DIRECTORY?: string | undefined;
  };
  /** Root of the source checkout that runs; `undefined` for an installed gateway. */
  readonly checkout: string | undefined;
  readonly cores: number;
}

/** Options of the command line, as typed or as numbers. They go before the file. */
export interface ConfigFlags {
  readonly dataDir?: string | undefined;
  readonly portOffset?: string | number | undefined;
  readonly bind?: string | readonly string[] | undefined;
  readonly edges?: string | number | undefined;
  readonly allowDestination?: string | readonly string[] | undefined;
}

/** A settings file is written by hand: one of more than 1 MiB is something else. */
const FILE_BYTES_MAX = 1024 * 1024;

/** Reads and checks everything; throws CONFIG_INVALID with every problem, or CONFIG_FILE_*. */
export function loadConfig(options: LoadOptions): Config {
  const file = options.file === undefined ? defaultFile(options.checkout) : resolve(options.file);
  const text = file === undefined ? '' : read(file, options.file !== undefined);
  const { tree, problems } = parseConfig(text ?? '', overridesOf(options.flags));
  if (problems.length > 0) throw invalid(problems, file);
  const base = file === undefined ? process.cwd() : dirname(file);
  // Without problems every section has come out of its schema.
  const whole = tree as FileTree;
  return assemble(whole, {
    dataDir: dataDirOf(options, whole.dataDir === undefined ? undefined : resolve(base, whole.dataDir)),
    file: text === undefined ? undefined : file,
    cores: Math.max(1, options.cores),
    path: (path) => resolve(base, path),
  });
}

/** `--data-dir`, `SALLYPORT_DATA_DIR`, the file, systemd's `STATE_DIRECTORY`, `./data` of a checkout, `/var/lib/sallyport`. */
function dataDirOf({ flags, environment, checkout }: LoadOptions, fromFile: string | undefined): string {
  const named = nonEmpty(flags.dataDir) ?? nonEmpty(environment.SALLYPORT_DATA_DIR);
  if (named !== undefined) return resolve(named);
  if (fromFile !== undefined) return fromFile;
  // systemd.exec(5): several directories are separated by colons.
  const fromSystemd = nonEmpty(environment.STATE_DIRECTORY?.split(':')[0]);
  if (fromSystemd !== undefined) return resolve(fromSystemd);
  return checkout === undefined ? '/var/lib/sallyport' : join(checkout, 'data');
}

function defaultFile(checkout: string | undefined): string | undefined {
  return checkout === undefined ? '/etc/sallyport/sallyport.yaml' : join(checkout, 'sallyport.yaml');
}

/** `undefined`: there is none, and nobody asked for it by name. */
function read(file: string, named: boolean): string | undefined {
  try {
    const { size } = statSync(file);
    if (size > FILE_BYTES_MAX)
      throw configErrors.CONFIG_FILE_UNREADABLE({ file, reason: 'larger than 1 MiB' });
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT' && !named) return undefined;
    if (code === 'ENOENT') throw configErrors.CONFIG_FILE_MISSING({ file }, { cause: error });
    if (code.startsWith('CONFIG_')) throw error;
    throw configErrors.CONFIG_FILE_UNREADABLE({ file, reason: code }, { cause: error });
  }
}

function overridesOf(flags: ConfigFlags): readonly Override[] {
  const overrides: Override[] = [];
  if (flags.edges !== undefined)
    overrides.push({ key: 'edges', option: '--edges', value: number(flags.edges) });
  if (flags.portOffset !== undefined) {
    overrides.push({ key: 'portOffset', option: '--port-offset', value: number(flags.portOffset) });
  }
  if (flags.bind !== undefined) overrides.push({ key: 'bind', option: '--bind', value: list(flags.bind) });
  if (flags.allowDestination !== undefined) {
    overrides.push({
      key: 'allowDestinations',
      option: '--allow-destination',
      value: list(flags.allowDestination),
    });
  }
  return overrides;
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** What is no number stays as it is: the schema refuses it under the name of the option. */
function number(value: string | number): string | number {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

function invalid(problems: readonly ConfigProblem[], file: string | undefined) {
  const lines = problems.map(({ path, line, column, message, hint }) => {
    const place = line === undefined || file === undefined ? '' : `${file}:${line}:${column ?? 1}: `;
    return `  ${place}${path} ${message}${hint === undefined ? '' : `\n    ${hint}`}`;
  });
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const summary = `the configuration has ${count}${file === undefined ? '' : ` in ${file}`}:`;
  return configErrors.CONFIG_INVALID({ summary, text: lines.join('\n'), problems });
}
