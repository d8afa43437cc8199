import { Agent, request } from 'node:https';
import { ADMIN_PASSWORD, type Gateway } from './gateway.ts';
import type { Scope } from './scope.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** `undefined`: the body is no JSON. */
  readonly document: unknown;
}

export interface ApiCall {
  readonly body?: unknown;
  /** Instead of `body`: as it is. */
  readonly raw?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Ask = (line: string, call?: ApiCall) => Promise<ApiAnswer>;

/** A gateway that does not answer in this time hangs. */
const ANSWER_MS = 60_000;

/** Asks the API over one kept connection; `line` is method and target. */
export function apiOf(scope: Scope, gateway: Gateway, own: Readonly<Record<string, string>> = {}): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });
  scope.after(() => agent.destroy());
  return (line, { body, raw, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const [method = 'GET', path = '/'] = line.split(' ', 2);
      const bytes = raw ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
      const sent = request(
        {
          host: '127.0.0.1',
          port: gateway.ports.https ?? 0,
          agent,
          method,
          path,
          signal: AbortSignal.timeout(ANSWER_MS),
          headers: {
            ...own,
            ...(bytes === undefined
              ? {}
              : { 'Content-Type': 'application/json', 'Content-Length': bytes.length }),
            ...headers,
          },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => void pieces.push(piece));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(pieces).toString();
            const type = response.headers['content-type'] ?? '';
            const document: unknown = /json/.test(type) && text !== '' ? JSON.parse(text) : undefined;
            resolve({ status: response.statusCode ?? 0, type, headers: response.headers, text, document });
          });
        },
      );
      sent.on('error', reject);
      sent.end(bytes);
    });
}

/** The same as an admin who has signed in to the console. */
export async function consoleOf(scope: Scope, gateway: Gateway, user = 'admin', password = ADMIN_PASSWORD) {
  const answer = await apiOf(scope, gateway)('POST /api/v1/session', { body: { user, password } });
  if (answer.status !== 200) throw new Error(`sign in: ${answer.status} ${answer.text}`);
  const { csrf } = answer.document as { readonly csrf: string };
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  return apiOf(scope, gateway, { Cookie: cookie.split(';', 1)[0] ?? '', 'X-CSRF-Token': csrf });
}
