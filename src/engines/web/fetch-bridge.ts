import { formatAuthority } from '../../protocols/http1/index.ts';
import type { WebAnswer } from './answer.ts';
import type { WebRequest } from './request.ts';

/** The request as frameworks take it. */
export function fetchRequest(request: WebRequest): Request {
  const scheme = request.encrypted ? 'https' : 'http';
  const host = formatAuthority(request.host === '' ? request.localAddress : request.host, 0);
  const { method, body } = request;
  return new Request(`${scheme}://${host}${request.target}`, {
    method,
    headers: request.fields().map(([name, value]): [string, string] => [name, value]),
    // Fetch allows no body with GET and HEAD.
    ...(body.length > 0 && method !== 'GET' && method !== 'HEAD' ? { body: Buffer.from(body) } : {}),
  });
}

/** What a framework answered. Lengths and connection fields are ours to write. */
export async function answerOfFetch(response: Response): Promise<WebAnswer> {
  const fields: [string, string][] = [];
  let type: string | undefined;
  for (const [name, value] of response.headers) {
    if (name === 'content-type') type = value;
    else if (!NOT_COPIED.has(name)) fields.push([CANONICAL[name] ?? name, value]);
  }
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, ...(type === undefined ? {} : { type }), body, fields };
}

const NOT_COPIED: ReadonlySet<string> = new Set([
  'content-length',
  'connection',
  'transfer-encoding',
  'date',
]);

/** The encoder looks for these as they are written. */
const CANONICAL: Readonly<Record<string, string>> = {
  'cache-control': 'Cache-Control',
  'content-security-policy': 'Content-Security-Policy',
};
