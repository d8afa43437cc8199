import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../engines/config/index.ts';
import { defineCommand, EXIT, GatewayError, messageOf, PORT_TABLE, type Result } from '../../kernel/index.ts';
import { bindEverywhere, bindPort, holderOfPort, runningSupervisor } from '../../platform/index.ts';
import type { PartHealth } from '../control/gateway.ts';
import { BUILT_DOORS } from '../doors.ts';
import { listenPortOf } from '../supervisor/listeners.ts';

export interface DoctorEngines {
  /** Rejects with what is wrong with it. */
  config(): Promise<Config>;
  ask(dataDir: string, words: string): Promise<Result>;
}

interface Check {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly hint: string;
}

/** First version whose type stripping and SQLite work without flags and warnings. */
const NODE_MIN = [24, 11] as const;

export const doctorCommand = defineCommand<DoctorEngines>({
  words: 'doctor',
  summary: 'Look for what keeps the gateway from working; ends with 10 when something is found',
  positionals: [],
  options: {},
  role: 'read',
  where: 'here',
  examples: ['doctor', 'doctor --json'],
  run: async (engines) => {
    const checks = [nodeCheck(process.versions.node), ...(await configChecks(engines))];
    const broken = checks.some((check) => check.state === 'problem');
    const tones = { ok: 'good', warning: 'warn', problem: 'bad' } as const;
    return {
      document: { ok: !broken, checks },
      view: [
        {
          kind: 'table',
          columns: [{ title: 'check' }, { title: 'state' }, { title: 'detail' }, { title: 'hint' }],
          rows: checks.map(({ check, state, detail, hint }) => [
            check,
            { text: state, tone: tones[state] },
            detail,
            hint,
          ]),
        },
      ],
      ...(broken ? { exit: EXIT.found } : {}),
    };
  },
});

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const recent = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return recent
    ? { check: 'node', state: 'ok', detail: version, hint: '' }
    : {
        check: 'node',
        state: 'problem',
        detail: version,
        hint: `use Node ${NODE_MIN.join('.')} or newer: npm ci brings one`,
      };
}

async function configChecks(engines: DoctorEngines): Promise<readonly Check[]> {
  let config: Config;
  try {
    config = await engines.config();
  } catch (error) {
    const hint = error instanceof GatewayError ? (error.hint ?? '') : '';
    return [{ check: 'configuration', state: 'problem', detail: messageOf(error), hint }];
  }
  const holder = runningSupervisor(config.dataDir);
  const first: readonly Check[] = [
    { check: 'configuration', state: 'ok', detail: config.file ?? 'no file: all defaults', hint: '' },
    dataDirCheck(config.dataDir),
  ];
  if (holder === undefined) {
    const stopped: Check = {
      check: 'gateway',
      state: 'warning',
      detail: `not running on ${config.dataDir}`,
      hint: 'start it with: sallyport start',
    };
    return [...first, stopped, ...(await portChecks(config))];
  }
  return [...first, await runningCheck(engines, config.dataDir, holder)];
}

function dataDirCheck(dataDir: string): Check {
  // What does not exist yet is made at the first start, in the nearest folder that does.
  let there = dataDir;
  while (!existsSync(there)) there = dirname(there);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch {
    const hint = 'give it to the user that runs the gateway, or choose another with --data-dir';
    return { check: 'data directory', state: 'problem', detail: `${there} cannot be written to`, hint };
  }
  const key = join(dataDir, 'master.key');
  if (existsSync(key) && (statSync(key).mode & 0o077) !== 0) {
    return {
      check: 'data directory',
      state: 'problem',
      detail: `${key} can be read by others`,
      hint: `chmod 600 ${key}`,
    };
  }
  return { check: 'data directory', state: 'ok', detail: dataDir, hint: '' };
}

async function runningCheck(engines: DoctorEngines, dataDir: string, pid: number): Promise<Check> {
  try {
    const { document } = await engines.ask(dataDir, 'show health');
    const state = healthIn(document);
    if (state === 'ok') return { check: 'gateway', state: 'ok', detail: `process ${pid}`, hint: '' };
    return {
      check: 'gateway',
      state: 'problem',
      detail: `its health is ${state}${unwellIn(document)}`,
      hint: 'sallyport show health',
    };
  } catch (error) {
    return {
      check: 'gateway',
      state: 'problem',
      detail: `process ${pid} runs, but control does not answer: ${messageOf(error)}`,
      hint: 'wait a moment and try again; then look at its log',
    };
  }
}

function healthIn(document: unknown): string {
  return typeof document === 'object' && document !== null && 'state' in document
    ? String(document.state)
    : 'unknown';
}

/** `: feed urls: stale, …`; at most three parts, the command in the hint shows all. */
function unwellIn(document: unknown): string {
  const parts =
    typeof document === 'object' && document !== null && 'parts' in document && Array.isArray(document.parts)
      ? // The document of `show health`.
        (document.parts as readonly PartHealth[])
      : [];
  const unwell = parts.filter(({ state }) => state !== 'ok').map(({ part, reason }) => `${part}: ${reason}`);
  return unwell.length === 0 ? '' : `: ${unwell.slice(0, 3).join('; ')}`;
}

/** Every port that a start would open, opened and closed again. */
async function portChecks(config: Config): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const row of PORT_TABLE) {
    if (!BUILT_DOORS.includes(row.door) || !config.listeners[row.key].enabled) continue;
    const port = listenPortOf(config, row.key);
    const addresses = config.bind.length === 0 ? [undefined] : config.bind;
    const results = addresses.map((address) =>
      address === undefined ? bindEverywhere(port) : bindPort(address, port),
    );
    for (const result of results) if (!('errno' in result)) result.close();
    const failed = results.find((result) => 'errno' in result);
    const check = `port ${port}`;
    const key = `listeners.${row.key}.port`;
    if (failed === undefined || !('errno' in failed)) {
      checks.push({ check, state: 'ok', detail: `free for ${row.door}`, hint: '' });
    } else if (failed.errno === 'EADDRINUSE') {
      const holder = await holderOfPort(port);
      const who = holder === undefined ? '' : ` by process ${holder.pid} (${holder.program})`;
      checks.push({
        check,
        state: 'problem',
        detail: `taken${who}`,
        hint: `see ss -ltnp 'sport = :${port}', or set ${key}`,
      });
    } else if (failed.errno === 'EACCES') {
      checks.push({
        check,
        state: 'problem',
        detail: 'this user may not open it',
        hint: `CAP_NET_BIND_SERVICE, --port-offset, or ${key}`,
      });
    } else
      checks.push({ check, state: 'problem', detail: failed.errno, hint: 'see --bind and the key bind' });
  }
  return checks;
}
