import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChild } from '../support/child.ts';
import { getHttps, startGateway, type Gateway } from '../support/gateway.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { scopeOf, tempDir, type Scope } from '../support/scope.ts';

const EVIL = 'e'.repeat(64);
const WEAK = 'd'.repeat(32);
const skip = missingPeer('curl');

/** A gateway that knows things, and one that knows only it. */
async function twoGateways(scope: Scope): Promise<{ near: Gateway; far: Gateway }> {
  const far = await startGateway(scope);
  const dir = await tempDir(scope, 'lists');
  const bad = join(dir, 'bad.ndjson');
  const block = { action: 'block', category: 'trojan', severity: 'critical' };
  const entries = [
    { kind: 'hash', value: EVIL, ...block },
    { kind: 'domain', value: 'evil.example.com', ...block },
    { kind: 'address', value: '8.8.8.8', ...block },
  ];
  await writeFile(bad, entries.map((entry) => JSON.stringify(entry)).join('\n'));
  await far.ask('feed', 'import', bad, '--feed', 'intel', '--format', 'sallyport');
  const good = join(dir, 'good.txt');
  await writeFile(good, `${WEAK}\n`);
  await far.ask('feed', 'import', good, '--feed', 'nsrl', '--action', 'allow');

  const caFile = join(dir, 'far-ca.pem');
  await writeFile(caFile, (await getHttps(far.ports.https ?? 0, '/ca.crt')).body);
  const made = await far.ask('token', 'create', '--name', 'near', '--scope', 'reputation');
  const tokenFile = join(dir, 'token');
  await writeFile(tokenFile, `${(made as { token: string }).token}\n`, { mode: 0o600 });
  const url = `https://127.0.0.1:${far.ports.https}`;
  const common = { url, caFile, tokenFile, perMinute: 0, perDay: 0 };
  const near = await startGateway(scope, {
    config: {
      egress: { allowDestinations: ['127.0.0.0/8'] },
      lookAside: {
        upstreams: [
          { ...common, name: 'far-files', type: 'hashlookup', kinds: ['file'] },
          { ...common, name: 'far', type: 'gateway', kinds: ['file', 'url', 'domain', 'ip'], perMinute: 3 },
        ],
      },
    },
  });
  return { near, far };
}

test('a gateway asks another about what it does not know, and says where it has it from', async (t) => {
  const { near } = await twoGateways(scopeOf(t));
  const get = async (path: string) => JSON.parse((await getHttps(near.ports.https ?? 0, path)).body) as never;
  const lookup = async (kind: string, value: string) =>
    (await get(`/api/v1/lookup?kind=${kind}&value=${encodeURIComponent(value)}`)) as {
      verdict: string;
      matches: { feed: string; entry: string; category: string; severity: string; action: string }[];
    };
  const file = await lookup('file', EVIL);
  assert.deepEqual([file.verdict, file.matches[0]?.feed], ['malicious', 'far-files']);
  const domain = await lookup('domain', 'www.evil.example.com');
  assert.deepEqual(
    [domain.verdict, domain.matches[0]?.feed, domain.matches[0]?.entry, domain.matches[0]?.category],
    ['malicious', 'far', 'evil.example.com', 'trojan'],
  );
  assert.equal((await lookup('url', 'http://evil.example.com/a')).verdict, 'malicious');
  assert.equal((await lookup('ip', '8.8.8.8')).matches[0]?.feed, 'far');
  // Every minute begins anew, perhaps the next one just now.
  const isUsedUp = (metrics: string): boolean =>
    /look_aside_queries_total\{[^}]*upstream="far",result="quota"[^}]*\} [1-9]/.test(metrics);
  let metrics = await near.metrics();
  for (let at = 0; at < 12 && !isUsedUp(metrics); at++) {
    assert.equal((await lookup('domain', `good${at}.example.com`)).verdict, 'unknown');
    metrics = await near.metrics();
  }
  assert.ok(isUsedUp(metrics), metrics);
  assert.equal((await lookup('domain', 'intranet')).verdict, 'unknown');
  const weak: { 'sallyport:weak': boolean; 'hashlookup:trust': number } = await get(`/lookup/md5/${WEAK}`);
  assert.deepEqual([weak['sallyport:weak'], weak['hashlookup:trust']], [true, 50]);
  assert.match(metrics, /look_aside_queries_total\{[^}]*upstream="far",result="known"[^}]*\} 3/);
});

test('curl speaks hashlookup and VirusTotal v3 with the gateway', { skip }, async (t) => {
  const scope = scopeOf(t);
  const { far } = await twoGateways(scope);
  const dir = await tempDir(scope, 'curl');
  await mkdir(dir, { recursive: true });
  const base = `http://127.0.0.1:${far.ports.http}`;
  const curl = async (...args: readonly string[]): Promise<{ status: number; document: unknown }> => {
    const out = join(dir, 'body');
    const result = await runChild(scope, peerPath('curl'), ['-s', '-o', out, '-w', '%{http_code}', ...args]);
    return { status: Number(result.stdout), document: JSON.parse(await readFile(out, 'utf8')) };
  };
  const single = await curl(`${base}/lookup/sha256/${EVIL}`, '-H', 'accept: application/json');
  assert.equal(single.status, 200);
  assert.equal((single.document as Record<string, unknown>)['KnownMalicious'], 'intel');
  const bulk = await curl(
    '-X',
    'POST',
    `${base}/bulk/sha256`,
    '-H',
    'Content-Type: application/json',
    '-d',
    JSON.stringify({ hashes: [EVIL, '0'.repeat(64)] }),
  );
  assert.equal((bulk.document as unknown[]).length, 1);
  assert.equal((await curl(`${base}/lookup/md5/${'0'.repeat(32)}`)).status, 404);

  // As VirusTotal documents it: a multipart form, then the analysis by its identifier.
  const key = ['-H', 'x-apikey: anything'];
  const sent = await curl(
    '-X',
    'POST',
    `${base}/vt/api/v3/urls`,
    ...key,
    '--form',
    'url=http://evil.example.com/x',
  );
  const { id } = (sent.document as { data: { id: string } }).data;
  const analysis = await curl(`${base}/vt/api/v3/analyses/${id}`, ...key);
  const { stats } = (analysis.document as { data: { attributes: { stats: Record<string, number> } } }).data
    .attributes;
  assert.equal(stats['malicious'], 1);
  const named = Buffer.from('http://evil.example.com/x').toString('base64url');
  assert.equal((await curl(`${base}/vt/api/v3/urls/${named}`, ...key)).status, 200);
  const none = await curl(`${base}/vt/api/v3/domains/unknown.example`, ...key);
  assert.deepEqual(none, {
    status: 404,
    document: { error: { code: 'NotFoundError', message: 'Domain "unknown.example" not found' } },
  });
});
