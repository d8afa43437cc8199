import { z } from 'zod';
import type { KeyInfo } from './keys.ts';
import { alerts } from './schema-alerts.ts';
import * as fromLookAside from './schema-look-aside.ts';
import * as fromExports from './schema-exports.ts';
import * as fromFeeds from './schema-feeds.ts';
import * as fromFiles from './schema-files.ts';
import { health } from './schema-health.ts';
import { icap } from './schema-icap.ts';
import { inspection } from './schema-inspection.ts';
import * as fromProcess from './schema-process.ts';
import { prediction } from './schema-prediction.ts';
import { safeBrowsing } from './schema-safe-browsing.ts';
import { scan } from './schema-scan.ts';
import { ssh } from './schema-ssh.ts';
import * as fromTraffic from './schema-traffic.ts';

/** The whole file. Every section may be absent; unknown keys are errors. */
export const SECTIONS = {
  listeners: fromProcess.listeners,
  networks: fromProcess.networks,
  tls: fromProcess.tls,
  drain: fromProcess.drain,
  log: fromProcess.log,
  accessLog: fromProcess.accessLog,
  events: fromProcess.events,
  logTargets: fromProcess.logTargets,
  alerts,
  health,
  http: fromTraffic.http,
  egress: fromTraffic.egress,
  forwardProxy: fromTraffic.forwardProxy,
  policy: fromTraffic.policy,
  indicators: fromTraffic.indicators,
  reputation: fromTraffic.reputation,
  safeBrowsing,
  fileReputation: fromLookAside.fileReputation,
  lookAside: fromLookAside.lookAside,
  ssh,
  scan,
  prediction,
  inspection,
  icap,
  files: fromFiles.files,
  quarantine: fromFiles.quarantine,
  feeds: fromFeeds.feeds,
  api: fromTraffic.api,
  exports: fromExports.exports,
  taxii: fromExports.taxii,
  login: fromTraffic.login,
  sessions: fromTraffic.sessions,
  blockPage: fromProcess.blockPage,
  pac: fromTraffic.pac,
} as const;

export const ROOT = fromProcess.root;

export const FILE_SCHEMA = z.strictObject({ ...ROOT, ...SECTIONS });

/** What a file says, with all defaults filled in. */
export type FileTree = z.output<typeof FILE_SCHEMA>;
export type SectionName = keyof typeof SECTIONS;

/** One row of the settings reference. `live`: `sallyport reload` takes a change up. */
export interface ConfigReferenceRow extends KeyInfo {
  readonly key: string;
}

/** Every key of `sallyport.yaml`, in the order of the schema. Entries of a list are written `parents[].host`. */
export function configReference(): readonly ConfigReferenceRow[] {
  return rowsOf(FILE_SCHEMA, '');
}

function rowsOf(schema: unknown, path: string): readonly ConfigReferenceRow[] {
  const found = infoOf(schema);
  const own = found === undefined ? [] : [{ key: path, ...found }];
  return [
    ...own,
    ...childrenOf(schema).flatMap(([name, child]) =>
      rowsOf(child, path === '' ? name.slice(1) : `${path}${name}`),
    ),
  ];
}

/** The known keys below a section, by name; lists step over their brackets. */
export function keysOf(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = FILE_SCHEMA;
  for (const step of path) {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodArray) schema = inner.element;
    else if (inner instanceof z.ZodObject) schema = inner.shape[String(step)];
    else return [];
  }
  const inner = unwrapped(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function childrenOf(schema: unknown): readonly (readonly [string, unknown])[] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).map(([name, child]) => [`.${name}`, child] as const);
  }
  return inner instanceof z.ZodArray && unwrapped(inner.element) instanceof z.ZodObject
    ? [['[]', inner.element]]
    : [];
}

function unwrapped(schema: unknown): unknown {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrapped(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrapped(schema.in) : schema;
}

function infoOf(schema: unknown): KeyInfo | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const meta = schema.meta();
  // Only `keys.ts` and the schema files write `info`, and they write a KeyInfo.
  return meta === undefined ? undefined : (meta['info'] as KeyInfo | undefined);
}
