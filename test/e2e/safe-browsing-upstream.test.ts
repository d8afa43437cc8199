import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Gateway, getHttps, startGateway } from '../support/gateway.ts';
import { askHttp } from '../support/http.ts';
import { IcapClient } from '../support/icap-client.ts';
import { scopeOf, type Scope, tempDir } from '../support/scope.ts';

const CONFIG = { egress: { allowDestinations: ['127.0.0.0/8'] } };
const EVIL = 'http://www.evil.example/login?x=1';
const KIT = 'http://dl.example/kit/a.exe';
const GOOD = 'http://good.example/';

interface Looked {
  readonly verdict: string;
  readonly matches: readonly {
    readonly feed: string;
    readonly entry: string;
    readonly category: string;
    readonly ageS: number;
  }[];
}

async function importLists(scope: Scope, gateway: Gateway, phish: string): Promise<void> {
  const dir = await tempDir(scope);
  const lists = [
    ['phish', phish, 'phishing'],
    ['mal', 'http://dl.example/kit/\n', 'malware'],
  ] as const;
  for (const [name, text, category] of lists) {
    const file = join(dir, `${name}.txt`);
    writeFileSync(file, text);
    await gateway.ask('feed', 'import', file, '--feed', name, '--format', 'plain', '--category', category);
  }
}

for (const [api, encoding] of [
  ['v5', 'proto'],
  ['v4', 'json'],
] as const) {
  test(`a gateway that takes the lists of another by ${api} (${encoding}) says the same at every door, and sends prefixes alone`, async (t) => {
    const scope = scopeOf(t);
    const upstream = await startGateway(scope, {
      config: { ...CONFIG, safeBrowsing: { cacheTtl: '1s', negativeCacheTtl: '1s' } },
    });
    await importLists(scope, upstream, 'evil.example\nfresh-proxy.example\nfresh-icap.example\n');
    const gateway = await startGateway(scope, { config: CONFIG });
    const add = ['feed', 'add', 'other', '--type', 'safe-browsing', '--api', api, '--encoding', encoding];
    const where = `http://127.0.0.1:${upstream.ports.webReputation}/`;
    await gateway.ask(...add, '--url', where, '--licence', 'CC0-1.0', '--lookup-timeout', '30s');
    const [synced] = [await gateway.ask('feed', 'sync', 'other', '--force')] as [{ entries: number }];
    assert.equal(synced.entries, 4);

    const port = gateway.ports.webReputation;
    const rest = async (url: string): Promise<Looked> =>
      JSON.parse(await askHttp({ port, path: `/v1/url?url=${encodeURIComponent(url)}` })) as Looked;
    const first = await rest(EVIL);
    assert.equal(first.verdict, 'malicious');
    assert.deepEqual(
      first.matches.map(({ feed, entry, category }) => [feed, entry, category]),
      [['other', 'evil.example/', 'phishing']],
    );
    assert.ok(first.matches[0]!.ageS >= 0 && first.matches[0]!.ageS < 600);
    assert.equal((await rest(GOOD)).verdict, 'unknown');
    assert.equal((await rest(KIT)).matches[0]?.category, 'malware');

    const { https, forwardProxy } = gateway.ports;
    const lookup = async (host: number | undefined, path: string): Promise<string> =>
      (await getHttps(host ?? 0, path)).body;
    const json = { 'Content-Type': 'application/json' };
    const threatInfo = {
      threatTypes: ['SOCIAL_ENGINEERING', 'MALWARE'],
      platformTypes: ['ANY_PLATFORM'],
      threatEntryTypes: ['URL'],
      threatEntries: [{ url: EVIL }, { url: GOOD }],
    };
    const said = {
      command: JSON.stringify(await gateway.ask('lookup', 'url', EVIL)),
      domain: JSON.stringify(await gateway.ask('lookup', 'domain', 'evil.example')),
      api: await lookup(https, `/api/v1/lookup?kind=url&value=${encodeURIComponent(EVIL)}`),
      bulk: await askHttp({ port, path: '/v1/urls', body: `${GOOD}\n${EVIL}\n` }),
      virustotal: await lookup(https, `/vt/api/v3/urls/${Buffer.from(EVIL).toString('base64url')}`),
      proxy: await askHttp({
        port: forwardProxy,
        path: EVIL,
        fields: { Accept: 'application/problem+json', Host: 'www.evil.example' },
      }),
      explain: JSON.stringify(await gateway.ask('explain', 'url', EVIL)),
    };
    for (const [door, text] of Object.entries(said)) {
      assert.match(text, /other/, `${door}: ${text}`);
      assert.match(text, /evil\.example|malicious/, door);
    }
    assert.match(said.explain, /"decision":"block"/);
    assert.match(said.proxy, /feed-block/);
    const v4 = await askHttp({
      port,
      path: '/v4/threatMatches:find',
      fields: json,
      body: JSON.stringify({ client: { clientId: 'test' }, threatInfo }),
    });
    assert.match(v4, /SOCIAL_ENGINEERING/);
    assert.doesNotMatch(v4, /good\.example/);
    const v5 = await askHttp({ port, path: `/v5/urls:search?alt=json&urls=${encodeURIComponent(EVIL)}` });
    assert.match(v5, /SOCIAL_ENGINEERING/);

    // What no door has asked about yet: each waits for its own question.
    const fresh = await askHttp({
      port: forwardProxy,
      path: 'http://fresh-proxy.example/',
      fields: { Accept: 'application/problem+json', Host: 'fresh-proxy.example' },
    });
    assert.match(fresh, /"list":"other","entry":"fresh-proxy.example\/"/);
    const icap = await IcapClient.open(gateway.ports.icap!);
    scope.after(() => icap.close());
    const reqmod = (url: string) =>
      icap.ask({
        method: 'REQMOD',
        service: '/reqmod',
        request: `GET ${url} HTTP/1.1\nHost: ${new URL(url).host}\nAccept: text/plain`,
        allow: ['204'],
      });
    const denied = await reqmod('http://fresh-icap.example/a');
    assert.match(denied.response, /^HTTP\/1\.1 403/);
    assert.match(denied.body.toString(), /fresh-icap\.example/);
    assert.equal((await reqmod(GOOD)).status, 204);

    // What the other gateway was told: lists and prefixes, no URL and no host.
    let log = await upstream.accessLog();
    for (let tries = 0; tries < 300 && !/hashes:search|fullHashes:find/.test(log); tries++) {
      await sleep(100);
      log = await upstream.accessLog();
    }
    assert.match(log, /hashes:search|fullHashes:find/);
    assert.doesNotMatch(log, /good\.example|evil\.example|dl\.example|fresh-/);

    // The operator decides first, and nobody is asked then.
    await gateway.ask('indicator', 'allow', 'evil.example');
    assert.equal((await rest(EVIL)).verdict, 'clean');
    await gateway.ask('feed', 'remove', 'other');
    assert.equal((await rest(KIT)).verdict, 'unknown');
    assert.throws(() => readFileSync(join(gateway.dataDir, 'prefix-lists', 'other.lists')), {
      code: 'ENOENT',
    });
  });
}
