import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Config, loadConfig } from '../../src/engines/config/index.ts';
import {
  collectionsSection,
  createExportAccess,
  createExportAdmin,
  type ExportAccess,
  type ExportAdmin,
  exportShape,
  exportsSection,
  Renderer,
  WrittenCollections,
  WrittenStore,
} from '../../src/engines/exports/index.ts';
import { openState } from '../../src/engines/state/index.ts';
import { type ControlLink, type EdgeLinks, GatewayError } from '../../src/kernel/index.ts';
import { type IndicatorLab, indicatorLab, SILENT } from './indicators.ts';
import type { Scope } from './scope.ts';
import { openApi, statusOf, type WebDoor } from './web-doors.ts';

export interface ExportLab extends IndicatorLab {
  readonly exports: ExportAdmin;
  readonly access: ExportAccess;
  readonly door: WebDoor;
  readonly cacheDir: string;
  /** Renderings so far. */
  readonly rendered: () => number;
  /** From then on control does not answer. */
  leave(): void;
  /** A request over TLS, and its answer taken apart. */
  ask(request: LabRequest): Promise<LabAnswer>;
}

export interface LabRequest {
  readonly path: string;
  readonly method?: string;
  readonly token?: string | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly port?: 'http' | 'https';
}

export interface LabAnswer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly text: string;
  json(): AnswerBody;
}

/** The members of what feeds and TAXII answer that tests look at. */
export interface AnswerBody {
  readonly code?: string;
  readonly http_status?: string;
  readonly api_roots?: readonly string[];
  readonly versions?: readonly string[];
  readonly collections?: readonly CollectionBody[];
  readonly more?: boolean;
  readonly next?: string;
  readonly objects?: readonly ObjectBody[];
  readonly id?: string;
  readonly status?: string;
  readonly total_count?: number;
  readonly success_count?: number;
  readonly failure_count?: number;
  readonly failures?: readonly { readonly id: string; readonly message: string }[];
  readonly [uuid: string]: unknown;
}

export interface CollectionBody {
  readonly id: string;
  readonly alias: string;
  readonly can_read: boolean;
  readonly can_write: boolean;
}

export interface ObjectBody {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly created: string;
  readonly modified: string;
  readonly confidence: number;
  readonly date_added: string;
  readonly version: string;
}

/** Control and an edge with the door of the API, joined by function calls; values pass through JSON as on the bus. */
export async function exportLab(
  scope: Scope,
  change: (config: Config) => Config = (same) => same,
): Promise<ExportLab> {
  const lab = await indicatorLab(scope);
  const dataDir = dirname(lab.dir);
  const config = change(loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 }));
  const state = await openState({
    dataDir,
    clock: lab.clock,
    log: SILENT,
    sections: [exportsSection, collectionsSection],
  });
  const handlers = new Map<string, (params: unknown) => unknown>();
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  let isAway = false;
  const link: ControlLink = {
    connected: true,
    call: async (method, params) => {
      if (isAway)
        throw new GatewayError({ code: 'BUS_AWAY', kind: 'unavailable', message: 'away', hint: '' }, {});
      return json(await handlers.get(method)?.(json(params)));
    },
    post: () => true,
    subscribe: () => undefined,
    answer: () => undefined,
  };
  const cacheDir = join(dataDir, 'exports', 'cache');
  const access = createExportAccess({
    cacheDir,
    reader: lab.reader,
    link,
    clock: lab.clock,
    shape: exportShape(config),
    answerMs: 60_000,
  });
  const links: EdgeLinks = {
    handle: (method, handler) =>
      void handlers.set(method, (params) => handler(params, { pid: 1, generation: 1 })),
    onPost: () => undefined,
    onGone: () => undefined,
    publish: async (topic, data) => {
      if (topic === 'exports') access.apply(json(data));
    },
    collect: () => Promise.resolve(new Map()),
  };
  let rendered = 0;
  const renderer = new Renderer({
    indicatorsDir: lab.dir,
    cacheDir,
    clock: lab.clock,
    log: { ...SILENT, info: (event) => void (rendered += event === 'exports.rendered' ? 1 : 0) },
    runRenders: 'here',
    shape: () => exportShape(config),
    bounds: () => config.exports,
  });
  const written = new WrittenCollections({
    store: new WrittenStore(join(dataDir, 'taxii.sqlite')),
    spoolDir: join(dataDir, 'exports', 'spool'),
    indicators: lab.admin,
    clock: lab.clock,
    log: SILENT,
    newId: randomUUID,
    limits: () => config.taxii,
    audit: (action, details, actor) => void lab.audits.push({ action, details, actor }),
  });
  const exports = createExportAdmin({
    state: () => state,
    links,
    renderer,
    written,
    feeds: () => lab.admin.feeds(),
  });
  await exports.start();
  const door = await openApi({
    config: () => config,
    engines: { exports: access, link, reader: lab.reader },
  });
  scope.after(async () => {
    await exports.close();
    await state.close();
  });
  return {
    ...lab,
    exports,
    access,
    door,
    cacheDir,
    rendered: () => rendered,
    leave: () => void (isAway = true),
    ask: (request) => ask(door, request),
  };
}

async function ask(
  door: WebDoor,
  { path, method = 'GET', token, fields = {}, body = '', port = 'https' }: LabRequest,
): Promise<LabAnswer> {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: gw.example',
    'Connection: close',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  const sent = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'utf8');
  const answer = await door.say(port, [sent]);
  const end = answer.indexOf('\r\n\r\n');
  const found = new Map(
    answer
      .slice(0, end)
      .split('\r\n')
      .slice(1)
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  let bytes = Buffer.from(answer.slice(end + 4), 'latin1');
  if (found.get('content-encoding') === 'gzip' && bytes.length > 0) bytes = gunzipSync(bytes);
  const text = bytes.toString('utf8');
  return { status: statusOf(answer), fields: found, text, json: () => JSON.parse(text) as AnswerBody };
}
