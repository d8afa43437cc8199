import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { scopeOf } from '../support/scope.ts';

interface Inspected {
  readonly status: number;
  readonly code?: string;
  readonly verdict?: string;
  readonly reasons?: readonly string[];
}

function inspect(gateway: Gateway, body: object, token?: string): Promise<Inspected> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const options = { host: '127.0.0.1', port: gateway.ports.webReputation, path: '/v1/inspect' };
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, method: 'POST', agent: false, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => void (text += part));
      response.on('end', () =>
        // Our own answers are objects.
        resolve({ ...(JSON.parse(text) as object), status: response.statusCode ?? 0 }),
      );
    });
    sent.on('error', reject).end(JSON.stringify(body));
  });
}

test('who may have a page fetched, and from where, is refused with the reason', async (t) => {
  const gateway = await startGateway(scopeOf(t), { config: { inspection: { fetchesPerMinute: 3 } } });
  const made = async (scope: string): Promise<string> =>
    ((await gateway.ask('token', 'create', '--name', scope, '--scope', scope)) as { token: string }).token;
  const [asker, reader] = [await made('reputation'), await made('read')];
  const last = ({ reasons = [] }: Inspected): string => reasons.at(-1) ?? '';

  const html = '<title>PayPal</title><form action="https://x.example.net/"><input type=password></form>';
  const given = await inspect(gateway, { url: 'https://pay-center-online.com/', html });
  assert.deepEqual([given.status, given.verdict], [200, 'malicious'], 'what is handed in takes no token');

  const anonymous = await inspect(gateway, { url: 'https://10.0.0.1/' });
  assert.equal(anonymous.status, 200);
  assert.match(last(anonymous), /^not-fetched: .*inspection\.fetch: token/);
  const other = await inspect(gateway, { url: 'https://10.0.0.1/' }, reader);
  assert.deepEqual([other.status, other.code], [403, 'scope-missing']);
  assert.equal((await inspect(gateway, { url: 'https://10.0.0.1/' }, 'nonsense')).status, 401);

  for (const url of ['https://10.0.0.1/', 'https://127.0.0.1/']) {
    assert.match(last(await inspect(gateway, { url }, asker)), /^not-fetched: the gateway connects to no/);
  }
  assert.match(
    last(await inspect(gateway, { url: 'http://10.0.0.1/' }, asker)),
    /^not-fetched: .*inspection\.ports/,
  );
  // Every minute begins anew, perhaps the next one just now.
  let often = await inspect(gateway, { url: 'https://10.0.0.1/' }, asker);
  for (let more = 0; more < 8 && often.status !== 429; more++)
    often = await inspect(gateway, { url: 'https://10.0.0.1/' }, asker);
  assert.deepEqual([often.status, often.code], [429, 'inspection-often']);
});
