import type { Config } from '../../src/engines/config/index.ts';
import {
  createFileVerdicts,
  FileVerdictStore,
  serveFileVerdicts,
} from '../../src/engines/file-verdicts/index.ts';
import { compilePolicy } from '../../src/engines/policy/index.ts';
import { createQuarantine } from '../../src/engines/quarantine/index.ts';
import { createScanEngine, type ScanEngine, scanMetrics } from '../../src/engines/scan/index.ts';
import { createMetrics } from '../../src/engines/telemetry/index.ts';
import { createVerdictEngine } from '../../src/engines/verdict/index.ts';
import type { ControlLink } from '../../src/kernel/index.ts';
import { indicatorLab, SILENT } from './indicators.ts';
import { policyOf } from './policy.ts';
import { quarantineLab, type QuarantineLab } from './quarantine.ts';
import type { Scope } from './scope.ts';
import { away, documentOf, openApi, statusOf, type WebDoor } from './web-doors.ts';

export interface FileLab {
  readonly door: WebDoor;
  readonly quarantine: QuarantineLab;
  readonly scan: ScanEngine;
  /** Scans that are open at this moment. */
  open(): number;
  /** Sends a request; a body may come in pieces. */
  ask(request: FileRequest): Promise<FileAnswer>;
}

export interface FileRequest {
  readonly method?: string;
  readonly path?: string;
  readonly token?: string | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  /** `undefined`: no body. */
  readonly body?: Buffer;
  /** As `subarray` takes it: the end of what is sent; then the client goes. */
  readonly cutAt?: number;
  readonly port?: 'http' | 'https';
  readonly from?: string;
}

export interface FileAnswer {
  readonly status: number;
  readonly text: string;
  json(): FileBody;
  /** The answer to a form of several. */
  list(): readonly FileBody[];
}

/** The members of answers that tests look at: those of a file, and the code of a problem. */
export interface FileBody {
  readonly code: string;
  readonly name: string | undefined;
  readonly verdict: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly type: { readonly name: string };
  readonly findings: readonly { readonly name: string; readonly path: string }[];
  readonly scannedAt: string;
  readonly decision: string | undefined;
  readonly rule: string;
  readonly quarantine: { readonly kept: boolean; readonly id: string };
}

export interface FileLabOptions {
  readonly config?: (base: Config) => Config;
  /** Lines of a policy: `when: {…}, then: {…}`. */
  readonly rules?: readonly string[];
}

/** The door of the API with the real scan engine, policy and quarantine, and the part of control that they share. */
export async function fileLab(scope: Scope, options: FileLabOptions = {}): Promise<FileLab> {
  const quarantine = await quarantineLab(scope);
  const { reader } = await indicatorLab(scope);
  const handlers = new Map<string, (params: unknown) => unknown>();
  const posts = new Map<string, (data: unknown) => void>();
  const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), monotonic: () => performance.now() };
  const store = new FileVerdictStore({
    sql: quarantine.sql,
    clock,
    log: SILENT,
    bytesMax: () => 1_000_000,
  });
  await store.open();
  scope.after(() => store.close());
  serveFileVerdicts(
    {
      handle: (method, handler) =>
        void handlers.set(method, (params) => handler(params, { pid: 1, generation: 1 })),
      onPost: (topic, handler) => void posts.set(topic, (data) => handler(data, { pid: 1, generation: 1 })),
    },
    store,
  );
  const link: ControlLink = {
    ...quarantine.link,
    async call(method, params) {
      if (quarantine.control.isAway) throw away();
      const handler = handlers.get(method);
      return handler === undefined ? quarantine.link.call(method, params) : json(await handler(json(params)));
    },
    post(topic, data) {
      posts.get(topic)?.(json(data));
      return true;
    },
  };
  const policy = compilePolicy({ document: await policyOf(options.rules ?? []) });
  const verdicts = createVerdictEngine({ reader });
  let open = 0;
  let scan: ScanEngine | undefined;
  const door = await openApi({
    config(base) {
      const config = options.config?.(base) ?? base;
      scan = createScanEngine({
        config: config.scan,
        dataDir: quarantine.dataDir,
        verdicts,
        indicatorsVersion: () => reader.generation,
        clock,
        log: SILENT,
        metrics: createMetrics(scanMetrics),
      });
      return config;
    },
    get engines() {
      return {
        link,
        reader,
        verdicts,
        clock,
        policy,
        scan: counting(scan!, (change) => (open += change)),
        fileVerdicts: createFileVerdicts(link),
        quarantine: createQuarantine({ dataDir: quarantine.dataDir, link, log: SILENT }),
      };
    },
  });
  scope.after(() => scan?.close());
  await scan!.ready();
  return {
    door,
    quarantine,
    scan: scan!,
    open: () => open,
    async ask({ port = 'https', from = '10.0.0.9', cutAt, ...request }) {
      const whole = bytesOf(request);
      const text = await door.say(port, piecesOf(whole.subarray(0, cutAt ?? whole.length)), from);
      return {
        status: statusOf(text),
        text,
        json: () => bodyOf(text) as FileBody,
        list: () => bodyOf(text) as readonly FileBody[],
      };
    },
  };
}

function bytesOf({
  method = 'POST',
  path = '/api/v1/files',
  token = 'filer',
  fields = {},
  body,
}: FileRequest): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: gw.example:8443',
    ...(token === '' ? [] : [`x-apikey: ${token}`]),
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), body ?? Buffer.alloc(0)]);
}

function piecesOf(bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 4099) pieces.push(bytes.subarray(at, at + 4099));
  return pieces;
}

/** Tells when a scan is opened and when it is closed. */
function counting(engine: ScanEngine, changed: (by: 1 | -1) => void): ScanEngine {
  return {
    get version() {
      return engine.version;
    },
    profiles: engine.profiles,
    health: () => engine.health(),
    reloadRules: () => engine.reloadRules(),
    reloadModels: () => engine.reloadModels(),
    ready: () => engine.ready(),
    close: () => engine.close(),
    open(request) {
      const scan = engine.open(request);
      changed(1);
      let isOpen = true;
      const close = scan.close.bind(scan);
      return new Proxy(scan, {
        get(target, name) {
          if (name !== 'close') {
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          }
          return () => {
            if (isOpen) changed(-1);
            isOpen = false;
            close();
          };
        },
      });
    },
  };
}

/** A form as browsers write it. */
export function formOf(
  parts: readonly {
    readonly name?: string;
    readonly disposition?: string;
    readonly bytes: Buffer | string;
  }[],
): { readonly fields: Readonly<Record<string, string>>; readonly body: Buffer } {
  const boundary = '----sallyport-test-7d3a';
  const pieces = parts.flatMap(({ name, disposition, bytes }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: ${disposition ?? `form-data; name="file"; filename="${name ?? 'x'}"`}\r\n` +
        'Content-Type: application/octet-stream\r\n\r\n',
    ),
    typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
    Buffer.from('\r\n'),
  ]);
  return {
    fields: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** The test file of EICAR, written so that this source is none. */
export const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
);

/** Whatever JSON the answer has; the callers say what they expect. */
function bodyOf(answer: string): unknown {
  return documentOf(answer);
}
