import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { formatBytes } from '../../kernel/index.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

/** First version whose type stripping and SQLite work without flags and warnings. */
const NODE_MIN = [24, 11] as const;
/** The targets of the gateway: under 400 MiB idle, and room for scans and imports. */
const MEMORY_MIN = 1024 ** 3;
/** Files, stores and clients upstream beside the connections of the doors. */
const DESCRIPTORS_OTHER = 1024;

export const machineChecks: Check = async ({ config, running }) => [
  nodeCheck(process.versions.node),
  memoryCheck(totalmem()),
  await descriptorCheck(config, running),
];

export function nodeCheck(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const recent = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return recent
    ? ok('node', version)
    : problem('node', version, `use Node ${NODE_MIN.join('.')} or newer: npm ci brings one`);
}

export function memoryCheck(bytes: number): Finding {
  return bytes >= MEMORY_MIN
    ? ok('memory', formatBytes(bytes))
    : warning('memory', `the machine has ${formatBytes(bytes)}`, 'give it 1 GiB or more, or set edges: 1');
}

/**
 * Each connection of a proxy takes two descriptors, one to the client and one upstream. The limit is that of
 * the supervisor, from which every process inherits it; stopped, that of who asks.
 */
async function descriptorCheck(
  { edges, listeners }: Parameters<Check>[0]['config'],
  running: number | undefined,
): Promise<Finding> {
  const limit = await descriptorLimit(running ?? process.pid);
  if (limit === undefined) return ok('open files', 'no limit is known on this system');
  return judgeDescriptors(
    limit,
    Math.max(
      ...Object.values(listeners)
        .filter(({ enabled }) => enabled)
        .map(({ sessionsMax }) => sessionsMax),
    ),
    Math.max(1, edges),
  );
}

/** Exported for its test: whether `limit` files a process carry the busiest door. */
export function judgeDescriptors(limit: number, sessionsMax: number, edges: number): Finding {
  const wanted = Math.ceil((2 * sessionsMax) / edges) + DESCRIPTORS_OTHER;
  if (limit >= wanted) return ok('open files', `${limit} a process`);
  const detail = `a process may open ${limit} files; listeners.*.sessionsMax asks for ${wanted}`;
  const hint = `LimitNOFILE=${wanted} in the unit, or: ulimit -n ${wanted} before the start`;
  // Below this even a small office runs out.
  return limit < 4096 ? problem('open files', detail, hint) : warning('open files', detail, hint);
}

async function descriptorLimit(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
