import { request } from 'node:https';
import { Readable } from 'node:stream';
import { createClient } from '../../client/index.ts';
import type { Gateway } from './gateway.ts';

/** `fetch` that takes the gateway's own certificate. */
const insecureFetch: typeof fetch = (input, init = {}) =>
  new Promise((resolve, reject) => {
    const { method, signal } = init;
    // The client gives plain objects and texts.
    const headers = init.headers as Record<string, string>;
    const options = { method, headers, rejectUnauthorized: false, ...(signal ? { signal } : {}) };
    const sent = request(input as string, options, (response) => {
      const status = response.statusCode ?? 0;
      const fields = Object.entries(response.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const body = status === 204 ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
      resolve(new Response(body, { status, headers: fields }));
    });
    sent.on('error', reject);
    sent.end(init.body ?? undefined);
  });

/** The typed client with a token of scope `admin`. */
export async function clientOf(gateway: Gateway) {
  const made = (await gateway.ask('token', 'create', '--name', 'client', '--scope', 'admin')) as {
    token: string;
  };
  const base = `https://127.0.0.1:${gateway.ports.https}`;
  return createClient({ base, token: made.token, fetch: insecureFetch });
}
