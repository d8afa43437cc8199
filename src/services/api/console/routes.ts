import { createHash } from 'node:crypto';
import {
  problemAnswer,
  type RouteTable,
  type WebAnswer,
  type WebRequest,
} from '../../../engines/web/index.ts';
import { type ConsoleFile, type ConsoleFolder, consoleBuiltAt, readConsole } from './folder.io.ts';

const BASE = '/console/';

/**
 * Nothing but files of this very origin: no inline script or style, no frame, no other host, no string that becomes
 * code. `data:` is for nobody, so an image cannot carry anything out or in.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const SAFE = [
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
] as const;

/** A name that has the hash of its content in it never means another content. */
const FOR_EVER = ['Cache-Control', 'public, max-age=31536000, immutable'] as const;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

export interface ConsoleSource {
  readonly builtAt: () => Promise<number | undefined>;
  readonly read: () => Promise<ConsoleFolder | undefined>;
}

const BUILT: ConsoleSource = { builtAt: consoleBuiltAt, read: readConsole };

/** `/console/` and all below it. The files are kept in memory until others were built. */
export function consoleRoutes({ builtAt, read }: ConsoleSource = BUILT): RouteTable {
  let reading: Promise<ConsoleFolder | undefined> | undefined;
  let readAt: number | undefined;
  const answer = async (request: WebRequest): Promise<WebAnswer> => {
    // A file of a page that is open comes from what that page came from, as long as we have it.
    const isPage = !request.path.startsWith(`${BASE}assets/`);
    if (reading === undefined || isPage) {
      const newest = await builtAt();
      if (reading === undefined || newest !== readAt) reading = read();
      readAt = newest;
    }
    const folder = await reading;
    return folder === undefined ? NOT_BUILT : fileAnswer(folder, request);
  };
  const home = (): WebAnswer => ({ status: 302, fields: [['Location', BASE]] });
  return new Map([
    ['/', { GET: home }],
    ['/console', { GET: home }],
    [BASE, { GET: answer }],
  ]);
}

/** Every path that is no file is a page of the console, and the console itself knows which. */
function fileAnswer(folder: ConsoleFolder, request: WebRequest): WebAnswer {
  const name = request.path.slice(BASE.length);
  const file = name === 'index.html' ? undefined : folder.get(name);
  if (file !== undefined) return { status: 200, ...encoded(file, request, typeOf(name), [FOR_EVER]) };
  if (name.startsWith('assets/')) return GONE;
  const page = folder.get('index.html');
  if (page === undefined) return NOT_BUILT;
  const tag = `"${createHash('sha256').update(page.content).digest('base64url').slice(0, 22)}"`;
  const fields = [
    ['Cache-Control', 'no-cache'],
    ['ETag', tag],
    ['Content-Security-Policy', POLICY],
    ['X-Frame-Options', 'DENY'],
  ] as const;
  if (request.field('if-none-match') === tag) return { status: 304, fields };
  return { status: 200, ...encoded(page, request, typeOf('index.html'), fields) };
}

function encoded(
  { content, gzip, brotli }: ConsoleFile,
  request: WebRequest,
  type: string,
  fields: readonly (readonly [string, string])[],
): Pick<WebAnswer, 'type' | 'body' | 'fields'> {
  const all = [...fields, ...SAFE, ['Vary', 'Accept-Encoding']] as const;
  const accepted = request.field('accept-encoding') ?? '';
  if (brotli !== undefined && takes(accepted, 'br'))
    return { type, body: brotli, fields: [...all, ['Content-Encoding', 'br']] };
  if (gzip !== undefined && takes(accepted, 'gzip'))
    return { type, body: gzip, fields: [...all, ['Content-Encoding', 'gzip']] };
  return { type, body: content, fields: all };
}

/** RFC 9110 §12.5.3, as browsers write it: the coding is named and not refused with a weight of 0. */
function takes(accepted: string, coding: string): boolean {
  return accepted
    .toLowerCase()
    .split(',')
    .some((each) => {
      const [name = '', weight = ''] = each.split(';', 2);
      return name.trim() === coding && !/^\s*q=0(?:\.0{0,3})?\s*$/.test(weight);
    });
}

function typeOf(name: string): string {
  return TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}

const GONE = problemAnswer({
  status: 404,
  code: 'not-found',
  title: 'There is nothing here',
  detail: 'This file belongs to another release of the console.',
  hint: 'Load the page again.',
});

const NOT_BUILT = problemAnswer({
  status: 503,
  code: 'console-not-built',
  title: 'The console is not built',
  detail: 'The folder console/dist has no index.html.',
  hint: 'Run `npm run console` in the folder of the gateway; `npm start` does it by itself.',
});
