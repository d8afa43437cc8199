import { join } from 'node:path';
import { loadConfig, type QuarantineConfig } from '../../src/engines/config/index.ts';
import {
  createQuarantine,
  type KeepRequest,
  type Quarantine,
  quarantineMetrics,
  QuarantineStore,
  serveQuarantine,
} from '../../src/engines/quarantine/index.ts';
import type { VerdictStoreOptions } from '../../src/engines/file-verdicts/index.ts';
import { openState } from '../../src/engines/state/index.ts';
import { createMetrics } from '../../src/engines/telemetry/index.ts';
import type { Clock, ControlLink, EdgeLinks } from '../../src/kernel/index.ts';
import { SILENT } from './indicators.ts';
import { type Scope, tempDir } from './scope.ts';
import { away } from './web-doors.ts';

export interface QuarantineLab {
  readonly dataDir: string;
  /** Where the items are. */
  readonly dir: string;
  readonly store: QuarantineStore;
  readonly edge: Quarantine;
  readonly link: ControlLink;
  /** The database of this control. */
  readonly sql: VerdictStoreOptions['sql'];
  readonly audits: readonly { readonly action: string; readonly actor: string; readonly details: unknown }[];
  /** Added to the time of the machine. */
  readonly time: { aheadMs: number };
  readonly control: { isAway: boolean; lost: string | undefined };
  counted(name: string, label: string): number;
  /** The edge of this process id is gone. */
  gone(pid: number): void;
}

/** Control and an edge of the quarantine, joined by function calls; values pass through JSON as on the bus. */
export async function quarantineLab(
  scope: Scope,
  settings: Partial<QuarantineConfig> = {},
): Promise<QuarantineLab> {
  const dataDir = await tempDir(scope, 'quarantine');
  const base = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  const config = { ...base.quarantine, ...settings };
  const time = { aheadMs: 0 };
  const clock: Clock = { now: () => Date.now() + time.aheadMs, monotonic: () => performance.now() };
  const state = await openState({ dataDir, clock, log: SILENT, sections: [] });
  const audits: QuarantineLab['audits'][number][] = [];
  const metrics = createMetrics(quarantineMetrics);
  const store = new QuarantineStore({
    dataDir,
    clock,
    log: SILENT,
    metrics,
    sql: (text, parameters) => state.sql(text, parameters),
    config: () => config,
    audit: (action, details, { actor }) => {
      audits.push({ action, actor, details });
      return Promise.resolve();
    },
  });
  const handlers = new Map<string, (params: unknown) => unknown>();
  const goneHandlers: ((edge: { pid: number; generation: number }) => void)[] = [];
  const links: EdgeLinks = {
    handle: (method, handler) =>
      void handlers.set(method, (params) => handler(params, { pid: 1, generation: 1 })),
    onPost: () => undefined,
    onGone: (handler) => void goneHandlers.push(handler),
    publish: () => Promise.resolve(),
    collect: () => Promise.resolve(new Map()),
  };
  const served = serveQuarantine(links, store, (error) => {
    throw error;
  });
  // Waits for the first sweep, so that no test meets it in its middle.
  await store.sweep();
  scope.after(async () => {
    served.close();
    await state.close();
  });
  const control: QuarantineLab['control'] = { isAway: false, lost: undefined };
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  const link: ControlLink = {
    connected: true,
    async call(method, params) {
      if (control.isAway || control.lost === method) throw away();
      return json(await handlers.get(method)?.(json(params)));
    },
    post: () => true,
    subscribe: () => undefined,
    answer: () => undefined,
  };
  return {
    dataDir,
    dir: join(dataDir, 'quarantine'),
    store,
    edge: createQuarantine({ dataDir, link, log: SILENT }),
    link,
    sql: (text, parameters) => state.sql(text, parameters),
    audits,
    time,
    control,
    counted: (name, label) => metrics.snapshot()[name]?.find((each) => each.l.join() === label)?.v[0] ?? 0,
    gone: (pid) => goneHandlers.forEach((handler) => handler({ pid, generation: 1 })),
  };
}

export function keepRequest(sha256: string, bytes: number, more: Partial<KeepRequest> = {}): KeepRequest {
  return {
    name: 'invoice.docm',
    sha256,
    bytes,
    media: 'application/octet-stream',
    door: 'api',
    source: '10.0.0.9',
    user: 'alice',
    rule: 'block-malicious',
    finding: { stage: 'signature', name: 'Eicar-Test-Signature', path: 'a.zip/eicar.com' },
    ...more,
  };
}
