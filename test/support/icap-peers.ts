import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from './child.ts';
import { peerPath } from './peers.ts';
import { type Scope, tempDir } from './scope.ts';

export interface ClientRun {
  readonly name: string;
  /** Status of the last answer. */
  readonly status: number;
  /** Field lines of the answers, as the client prints them. */
  readonly text: string;
  readonly body: 'none' | 'same' | 'other';
}

export interface ClientTarget {
  readonly port: number;
  readonly service: string;
  readonly tls?: boolean;
}

const RESPMOD = ['-resp', 'http://www.example.test/page.html'];
const REQMOD = ['-req', 'http://www.example.test/form', '-method', 'POST'];

/** Everything that c-icap-client can do: name, file, options. */
const REPERTOIRE: readonly (readonly [string, string, ...(readonly string[])])[] = [
  ['RESPMOD 4 bytes', 'tiny', ...RESPMOD],
  ['RESPMOD empty', 'empty', ...RESPMOD],
  ['RESPMOD exactly one preview', 'preview', ...RESPMOD, '-w', '1024'],
  ['RESPMOD 8 MB, preview 1024', 'large', ...RESPMOD, '-w', '1024'],
  ['RESPMOD 8 MB, preview 0', 'large', ...RESPMOD, '-w', '0'],
  ['RESPMOD 8 MB, no preview', 'large', ...RESPMOD, '-nopreview'],
  ['RESPMOD 8 MB, no preview, no 204', 'large', ...RESPMOD, '-nopreview', '-no204'],
  ['RESPMOD 8 MB, preview, no 204 outside it', 'large', ...RESPMOD, '-no204'],
  ['RESPMOD 8 MB, 206 allowed', 'large', ...RESPMOD, '-206'],
  ['RESPMOD without response headers', 'tiny', ...RESPMOD, '-noreshdr'],
  ['REQMOD POST 8 MB, preview 1024', 'large', ...REQMOD, '-w', '1024'],
  ['REQMOD POST 8 MB, no preview, no 204', 'large', ...REQMOD, '-nopreview', '-no204'],
  [
    'REQMOD with X-Client-IP and user',
    'tiny',
    ...REQMOD,
    '-x',
    'X-Client-IP: 10.0.0.7',
    '-x',
    `X-Authenticated-User: ${Buffer.from('Local://alice').toString('base64')}`,
  ],
];

/** Runs the whole repertoire of c-icap-client. */
export async function clientRepertoire(scope: Scope, target: ClientTarget): Promise<readonly ClientRun[]> {
  const dir = await tempDir(scope, 'icap-client');
  const files = {
    empty: Buffer.alloc(0),
    tiny: Buffer.from('tiny'),
    preview: randomBytes(1024),
    large: randomBytes(8_000_000),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(dir, name), bytes);
  const runs: ClientRun[] = [];
  for (const [name, file, ...options] of REPERTOIRE) {
    runs.push({ ...(await clientRun(scope, target, join(dir, file), options)), name });
  }
  return runs;
}

/** One run of c-icap-client; its exit status says nothing, so what it prints is read. */
export async function clientRun(
  scope: Scope,
  { port, service, tls = false }: ClientTarget,
  file: string,
  options: readonly string[] = RESPMOD,
): Promise<ClientRun> {
  const out = `${file}.out`;
  await rm(out, { force: true });
  const at = [
    '-i',
    '127.0.0.1',
    '-p',
    String(port),
    '-s',
    service,
    '-v',
    ...(tls ? ['-tls', '-tls-no-verify'] : []),
  ];
  const result = await runChild(
    scope,
    peerPath('c-icap-client'),
    [...at, '-f', file, '-o', out, ...options],
    {
      timeoutMs: 30_000,
    },
  );
  const text = `${result.stdout}\n${result.stderr}`;
  const status = [...text.matchAll(/ICAP\/1\.0 (\d{3}) /g)].at(-1)?.[1];
  const body = !existsSync(out)
    ? 'none'
    : (await readFile(out)).equals(await readFile(file))
      ? 'same'
      : 'other';
  return { name: '', status: Number(status ?? 0), text, body };
}
