import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Gateway, getHttps, startGateway } from '../support/gateway.ts';
import { askHttp } from '../support/http.ts';
import { scopeOf, tempDir } from '../support/scope.ts';

const CONFIG = { egress: { allowDestinations: ['127.0.0.0/8'] } };

test('a URL has the same verdict from the same list at every door', async (t) => {
  const scope = scopeOf(t);
  const gateway = await startGateway(scope, { config: CONFIG });
  const list = join(await tempDir(scope), 'list.txt');
  writeFileSync(list, 'evil.example\n');
  await gateway.ask('feed', 'import', list, '--feed', 'mine', '--format', 'plain', '--category', 'phishing');
  const url = 'http://www.evil.example/login?x=1';
  const port = gateway.ports.webReputation;
  const expression = createHash('sha256').update('evil.example/').digest();
  const threat = { threatType: 'SOCIAL_ENGINEERING', platformType: 'ANY_PLATFORM', threatEntryType: 'URL' };
  const v4 = {
    client: { clientId: 'test', clientVersion: '1' },
    threatInfo: {
      threatTypes: [threat.threatType, 'MALWARE'],
      platformTypes: [threat.platformType],
      threatEntryTypes: [threat.threatEntryType],
      threatEntries: [{ url }, { url: 'http://good.example/' }],
    },
  };
  const json = { 'Content-Type': 'application/json' };
  const said = {
    command: JSON.stringify(await gateway.ask('lookup', 'url', url)),
    rest: await askHttp({ port, path: `/v1/url?url=${encodeURIComponent(url)}` }),
    lookup: (
      await getHttps(gateway.ports.https ?? 0, `/api/v1/lookup?kind=url&value=${encodeURIComponent(url)}`)
    ).body,
    proxy: await askHttp({
      port: gateway.proxyPort,
      path: url,
      fields: { Accept: 'application/problem+json', Host: 'www.evil.example' },
    }),
    virustotal: (
      await getHttps(gateway.ports.https ?? 0, `/vt/api/v3/urls/${Buffer.from(url).toString('base64url')}`)
    ).body,
    v4: await askHttp({ port, path: '/v4/threatMatches:find', fields: json, body: JSON.stringify(v4) }),
    v5: await askHttp({
      port,
      path: `/v5/hashes:search?alt=json&hashPrefixes=${encodeURIComponent(expression.subarray(0, 4).toString('base64'))}`,
    }),
  };
  for (const door of ['command', 'rest', 'lookup'] as const) {
    const { verdict, score, matches } = JSON.parse(said[door]) as {
      readonly verdict: string;
      readonly score: number;
      readonly matches: readonly { readonly feed: string; readonly entry: string }[];
    };
    assert.deepEqual([verdict, score], ['malicious', 90], door);
    assert.deepEqual([matches[0]?.feed, matches[0]?.entry], ['mine', 'evil.example'], door);
  }
  assert.match(said.proxy, /feed-block/);
  assert.match(said.proxy, /"mine"/);
  assert.match(said.proxy, /evil\.example/);
  const seen = JSON.parse(said.virustotal) as {
    readonly data: {
      readonly attributes: { readonly last_analysis_results: Readonly<Record<string, { category: string }>> };
    };
  };
  assert.equal(seen.data.attributes.last_analysis_results['mine']?.category, 'malicious');
  const found = JSON.parse(said.v4) as {
    readonly matches: readonly { readonly threatType: string; readonly threat: { readonly url: string } }[];
  };
  assert.deepEqual(
    found.matches.map((match) => [match.threatType, match.threat.url]),
    [['SOCIAL_ENGINEERING', url]],
  );
  const { fullHashes } = JSON.parse(said.v5) as {
    readonly fullHashes: readonly { readonly fullHash: string }[];
  };
  assert.deepEqual(
    fullHashes.map(({ fullHash }) => fullHash),
    [expression.toString('base64')],
  );
});

/** What a feed holds, without when and from whom it came. */
async function held(gateway: Gateway, feed: string): Promise<readonly string[]> {
  const { entries } = (await gateway.ask('show', 'indicators', feed, '--limit', '1000')) as {
    readonly entries: readonly Readonly<Record<string, unknown>>[];
  };
  return entries
    .map(({ kind, value, action, category, severity, confidence }) =>
      JSON.stringify([kind, value, action, category, severity, confidence]),
    )
    .toSorted();
}

test('what goes out over TAXII comes back through our own client as the same set', async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope);
  const from = await startGateway(scope, { config: CONFIG });
  const names = Array.from({ length: 250 }, (_, at) => `n${at}.example`);
  const hash = createHash('sha256').update('x').digest('hex');
  const others = [
    '=www.only.example',
    'http://b.example/x/y?z=1',
    '192.0.2.66',
    '198.51.100.0/24',
    hash,
    'a@mail.example',
  ];
  writeFileSync(join(dir, 'list.txt'), [...names, ...others].join('\n'));
  await from.ask(
    'feed',
    'import',
    join(dir, 'list.txt'),
    '--feed',
    'mine',
    '--format',
    'plain',
    '--severity',
    'medium',
  );
  const { token } = (await from.ask('token', 'create', '--name', 'tip', '--scope', 'intel')) as {
    readonly token: string;
  };
  writeFileSync(join(dir, 'secret'), token, { mode: 0o600 });
  writeFileSync(join(dir, 'ca.crt'), await askHttp({ port: from.ports.http, path: '/ca.crt' }));

  const to = await startGateway(scope, { config: CONFIG });
  const source = [
    '--type',
    'taxii',
    '--url',
    `https://127.0.0.1:${from.ports.https}/taxii2/`,
    '--collection',
    'mine',
  ];
  const access = ['--ca-file', join(dir, 'ca.crt'), '--auth', 'bearer', '--secret-file', join(dir, 'secret')];
  await to.ask('feed', 'add', 'copy', ...source, ...access);
  // A new subscription is fetched at once.
  for (let tries = 0; tries < 300; tries++) {
    const { entries } = (await to.ask('feed', 'show', 'copy')) as { readonly entries: number | null };
    if (entries !== null && entries > 0) break;
    await sleep(100);
  }
  const expected = await held(from, 'mine');
  assert.equal(expected.length, names.length + others.length);
  assert.deepEqual(await held(to, 'copy'), expected);
});
