import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { socketDir } from '../../src/platform/index.ts';
import { runChild, startChild, type Child } from '../../test/support/child.ts';
import type { Gateway } from '../../test/support/gateway.ts';
import { statFields } from '../../test/support/process-tree.ts';
import type { Scope } from '../../test/support/scope.ts';
import type { FeedResult } from './event-feed.ts';

export type ReceiverMode = 'reads' | 'hangs' | 'hangs-up';

export interface Receiver {
  readonly child: Child;
  readonly url: string;
}

export async function startReceiver(scope: Scope, mode: ReceiverMode): Promise<Receiver> {
  const script = new URL('log-receiver.ts', import.meta.url).pathname;
  const child = startChild(scope, process.execPath, [script, mode]);
  const [line] = await child.waitFor(/^\{.*\}$/m, 10_000);
  // Our own process printed it.
  const { port } = JSON.parse(line) as { readonly port: number };
  return { child, url: `syslog+tcp://127.0.0.1:${port}` };
}

/** Events at a steady rate, from a process that is to control what an edge is. */
export async function feed(
  scope: Scope,
  gateway: Gateway,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<FeedResult> {
  const script = new URL('event-feed.ts', import.meta.url).pathname;
  const words = JSON.stringify({ socketDir: socketDir(gateway.dataDir), rate, seconds });
  const result = await runChild(scope, process.execPath, [script, words], {
    timeoutMs: seconds * 1000 + 60_000,
  });
  if (result.code !== 0) throw new Error(`the feed ended with ${result.code}: ${result.stderr}`);
  // Our own process printed it.
  return JSON.parse(result.stdout) as FeedResult;
}

export interface StoredEvents {
  readonly stored: number;
  /** Counted by events that tell of a loss. */
  readonly lost: number;
}

/** What is in the files of the store. */
export function storedEvents({ dataDir }: Gateway): StoredEvents {
  const folder = join(dataDir, 'events');
  const sum = { stored: 0, lost: 0 };
  // It comes with the first event.
  if (!existsSync(folder)) return sum;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.db'))) {
    const database = new DatabaseSync(join(folder, name), { readOnly: true });
    const row = database
      .prepare(
        "select count(*) as stored, sum(case when type = 'events.lost' then count else 0 end) as lost from events",
      )
      .get();
    database.close();
    sum.stored += Number(row?.['stored'] ?? 0);
    sum.lost += Number(row?.['lost'] ?? 0);
  }
  return sum;
}

/** Waits until nothing more is stored for a second. */
export async function settled(gateway: Gateway): Promise<StoredEvents> {
  for (let before = -1; ;) {
    const now = storedEvents(gateway);
    if (now.stored === before) return now;
    before = now.stored;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

export async function controlPid(gateway: Gateway): Promise<number> {
  // The shape is part of the command line's contract.
  const status = (await gateway.ask('status')) as {
    readonly processes: readonly { readonly role: string; readonly pid: number }[];
  };
  return status.processes.find(({ role }) => role === 'control')?.pid ?? 0;
}

export interface ThreadTimes {
  /** Milliseconds of processor, in steps of ten. */
  readonly all: number;
  /** Of the thread that everything else in control waits for. */
  readonly main: number;
}

export function threadTimes(pid: number): ThreadTimes {
  const main = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1');
  const fields = main.slice(main.lastIndexOf(')') + 2).split(' ');
  return { all: ticksOf(statFields(pid) ?? []) * 10, main: ticksOf(fields) * 10 };
}

/** proc(5): utime and stime are fields 14 and 15, and the list begins with field 3. */
function ticksOf(fields: readonly string[]): number {
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** The longest delay of control's loop in each second since the start of the gateway, counted by upper bound. */
export async function loopDelays(gateway: Gateway): Promise<ReadonlyMap<string, number>> {
  const text = await gateway.metrics();
  const pattern =
    /^sallyport_process_event_loop_delay_seconds_bucket\{[^}]*le="([^"]+)"[^}]*role="control"[^}]*\} (\d+)|^sallyport_process_event_loop_delay_seconds_bucket\{[^}]*role="control"[^}]*le="([^"]+)"[^}]*\} (\d+)/gm;
  return new Map(
    Array.from(text.matchAll(pattern), ([, a, b, c, d]) => [a ?? c ?? '', Number(b ?? d)] as const),
  );
}

/** The seconds in which the loop was never held longer than a bound, of all between two looks. */
export function delayText(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string {
  const all = (after.get('+Inf') ?? 0) - (before.get('+Inf') ?? 0);
  return [...after.keys()]
    .filter((bound) => bound !== '+Inf')
    .map((bound) => [bound, (after.get(bound) ?? 0) - (before.get(bound) ?? 0)] as const)
    .filter(([, count], at, list) => count > 0 && (at === 0 || count !== list[at - 1]?.[1]))
    .map(([bound, count]) => `≤ ${Number(bound) * 1000} ms in ${count} of ${all} s`)
    .join(', ');
}
