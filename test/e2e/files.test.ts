import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { EICAR, type FileBody, formOf } from '../support/file-lab.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { processTree, rssBytes } from '../support/process-tree.ts';
import { type Scope, scopeOf, tempDir } from '../support/scope.ts';
import { zipOf } from '../support/zip.ts';

const MIB = 1024 ** 2;
const POLICY = `version: 1
rules:
  - { name: no-malware, when: { file-verdict: malicious }, then: { block: true, quarantine: true } }
default: allow
`;

/** The members of answers that are looked at. */
interface Body extends FileBody {
  readonly id: string;
  readonly state: string;
  readonly finding: { readonly path: string };
  readonly meta: { readonly file_info: { readonly size: number; readonly sha256: string } };
  readonly data: {
    readonly id: string;
    readonly type: string;
    readonly attributes: {
      readonly status: string;
      readonly stats: { readonly malicious: number };
      readonly sallyport_verdict: string;
    };
  };
}

interface Listed {
  readonly items: readonly {
    readonly id: string;
    readonly sha256: string;
    readonly door: string;
    readonly user: string;
  }[];
}

interface Scanned {
  readonly code: number | null;
  readonly summary: Readonly<Record<'scanned' | 'skipped' | 'unreadable' | 'malicious', number>>;
  readonly files: readonly (FileBody & { readonly file: string })[];
}

interface Answer {
  readonly status: number;
  readonly bytes: Buffer;
  json(): Body;
}

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly token: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Buffer> | Iterable<Buffer>;
}

function ask(
  gateway: Gateway,
  { method = 'GET', path, token, fields = {}, body = [] }: Sent,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      host: '127.0.0.1',
      port: gateway.ports.https,
      method,
      path,
      headers: { 'x-apikey': token, ...fields },
      rejectUnauthorized: false,
      agent: false,
    };
    const sent = request(options, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => void pieces.push(piece)).on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(pieces);
        resolve({
          status: response.statusCode ?? 0,
          bytes,
          json: () => JSON.parse(bytes.toString()) as Body,
        });
      });
    });
    sent.on('error', reject);
    void send(sent, body).catch(reject);
  });
}

async function send(
  sent: ReturnType<typeof request>,
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  for await (const piece of body) {
    if (!sent.write(piece)) await new Promise((resolve) => sent.once('drain', resolve));
  }
  sent.end();
}

async function tokenOf(gateway: Gateway, scope: string): Promise<string> {
  const made = await gateway.ask('token', 'create', '--name', `t-${scope}`, '--scope', scope);
  assert.ok(typeof made === 'object' && made !== null && 'token' in made);
  return String(made.token);
}

async function withPolicy(scope: Scope): Promise<Gateway> {
  const gateway = await startGateway(scope, { edges: 2 });
  const file = join(await tempDir(scope), 'policy.yaml');
  await writeFile(file, POLICY);
  await gateway.ask('policy', 'apply', file);
  return gateway;
}

test('a file of 200 MiB is analyzed as it comes, in bounded memory', async (t) => {
  const gateway = await startGateway(scopeOf(t), { edges: 1 });
  const token = await tokenOf(gateway, 'files');
  const upload = (count: number): Promise<Answer> =>
    ask(gateway, {
      method: 'POST',
      path: '/api/v1/files?name=big.bin',
      token,
      fields: { 'Content-Length': String(count * MIB) },
      body: (function* () {
        for (let at = 0; at < count; at++) yield pieceOf(at);
      })(),
    });
  // What every scan needs is there before it is measured.
  await upload(10);
  const pids = processTree(gateway.child.pid);
  const before = pids.map(rssBytes);
  let growth = 0;
  const timer = setInterval(() => {
    growth = Math.max(growth, ...pids.map((pid, at) => rssBytes(pid) - (before[at] ?? 0)));
  }, 20);
  const answer = await upload(200).finally(() => clearInterval(timer));
  const hash = createHash('sha256');
  for (let at = 0; at < 200; at++) hash.update(pieceOf(at));
  assert.equal(answer.status, 200, answer.bytes.toString());
  assert.deepEqual([answer.json().bytes, answer.json().sha256], [200 * MIB, hash.digest('hex')]);
  t.diagnostic(`growth: ${(growth / MIB).toFixed(1)} MiB`);
  assert.ok(growth < 64 * MIB, `${growth / MIB} MiB`);
});

function pieceOf(at: number): Buffer {
  const piece = Buffer.alloc(MIB, at & 0xff);
  piece.writeUInt32LE((at * 2_654_435_761) >>> 0);
  return piece;
}

test('from the upload over the quarantine back to the file, and to its release', async (t) => {
  const scope = scopeOf(t);
  const gateway = await withPolicy(scope);
  const [files, admin] = [await tokenOf(gateway, 'files'), await tokenOf(gateway, 'admin')];
  const zip = zipOf([['deep/eicar.com', EICAR]]);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const upload = () =>
    ask(gateway, { method: 'POST', path: '/api/v1/files?name=..%2Fx.zip', token: files, body: [zip] });
  const caught = (await upload()).json();
  assert.deepEqual(
    [caught.name, caught.verdict, caught.decision, caught.rule],
    ['x.zip', 'malicious', 'block', 'no-malware'],
  );
  assert.equal(caught.quarantine.kept, true);
  const { id } = caught.quarantine;

  const listed = (await gateway.ask('quarantine', 'list')) as Listed;
  assert.deepEqual(
    listed.items.map((item) => [item.id, item.sha256, item.door, item.user]),
    [[id, sha256, 'api', 'token:t-files']],
  );
  const path = `/api/v1/quarantine/content/${id}`;
  assert.ok((await ask(gateway, { path, token: admin })).bytes.equals(zip));
  assert.equal((await ask(gateway, { path, token: files })).status, 403);
  const document = (await ask(gateway, { path: `/api/v1/quarantine/${id}`, token: admin })).json();
  assert.equal(document.finding.path, 'deep/eicar.com');

  const target = join(await tempDir(scope), 'back.zip');
  await gateway.ask('quarantine', 'restore', id.slice(0, 8), target);
  assert.ok((await readFile(target)).equals(zip));
  const again = await gateway.command('quarantine', 'restore', id, target, '--json');
  assert.equal(JSON.parse(again.stderr).code, 'QUARANTINE_TARGET');
  const audit = await gateway.ask('show', 'audit');
  const actions = JSON.stringify(audit);
  for (const action of ['quarantine.restore', 'quarantine.fetch'])
    assert.ok(actions.includes(action), action);

  const released = await ask(gateway, {
    method: 'POST',
    path: `/api/v1/quarantine/${id}/release`,
    token: admin,
    fields: { 'Content-Type': 'application/json' },
    body: [Buffer.from('{"note":"ours"}')],
  });
  assert.equal(released.json().state, 'released', released.bytes.toString());
  const after = (await upload()).json();
  assert.deepEqual([after.verdict, after.decision], ['clean', 'allow']);
  const gone = await ask(gateway, { method: 'DELETE', path: `/api/v1/quarantine/${id}`, token: admin });
  assert.equal(gone.status, 204);
  assert.deepEqual(((await gateway.ask('quarantine', 'list')) as Listed).items, []);
});

test('a VirusTotal client hands a file in, and finds its analysis at whichever edge', async (t) => {
  const gateway = await withPolicy(scopeOf(t));
  const token = await tokenOf(gateway, 'files');
  const base = '/vt/api/v3';
  const { data: url } = JSON.parse(
    (await ask(gateway, { path: `${base}/files/upload_url`, token })).bytes.toString(),
  ) as { readonly data: string };
  const { pathname, port } = new URL(url);
  assert.equal(Number(port), gateway.ports.https);
  const form = formOf([{ name: 'eicar.com', bytes: EICAR }]);
  const submitted = await ask(gateway, {
    method: 'POST',
    path: pathname,
    token,
    fields: form.fields,
    body: [form.body],
  });
  const { id, type } = submitted.json().data;
  assert.equal(type, 'analysis');
  for (let each = 0; each < 8; each++) {
    const { data, meta } = (await ask(gateway, { path: `${base}/analyses/${id}`, token })).json();
    assert.deepEqual([data.attributes.status, meta.file_info.size], ['completed', EICAR.length]);
    assert.ok(data.attributes.stats.malicious >= 1);
    const object = (await ask(gateway, { path: `${base}/files/${meta.file_info.sha256}`, token })).json();
    assert.equal(object.data.attributes.sallyport_verdict, 'malicious');
  }
});

test('scan: what is found, what is not looked at, and the exit code of each', async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope);
  const data = join(dir, 'data');
  const gateway = await startGateway(scope, { dataDir: data });
  const tree = join(dir, 'tree');
  await mkdir(join(tree, 'a', 'b'), { recursive: true });
  await writeFile(join(dir, 'outside.com'), EICAR);
  await symlink(join(dir, 'outside.com'), join(tree, 'link'));
  await writeFile(join(tree, 'a', 'b', 'fine.txt'), 'hello');
  const scan = async (...words: readonly string[]): Promise<Scanned> => {
    const { code, stdout } = await gateway.command('scan', ...words, '--json');
    return { code, ...(JSON.parse(stdout) as Omit<Scanned, 'code'>) };
  };
  const clean = await scan(tree);
  assert.deepEqual([clean.code, clean.summary.scanned, clean.summary.skipped], [0, 1, 1]);
  const missing = await scan(tree, join(dir, 'nothing'));
  assert.deepEqual([missing.code, missing.summary.unreadable], [11, 1]);
  await writeFile(join(tree, 'a', 'x.zip'), zipOf([['inner/eicar.com', EICAR]]));
  const found = await scan(tree, join(dir, 'nothing'));
  assert.deepEqual([found.code, found.summary.malicious, found.summary.unreadable], [10, 1, 1]);
  const file = found.files.find((each) => each.verdict === 'malicious');
  assert.equal(file?.file, join(tree, 'a', 'x.zip'));
  assert.ok(file?.findings.some((each) => each.path === 'inner/eicar.com'));
  const flat = await scan(tree, '--no-recursive');
  assert.deepEqual([flat.code, flat.summary.scanned], [0, 0]);
  // A link that was named is meant.
  assert.equal((await scan(join(tree, 'link'))).code, 10);
  const wrong = await gateway.command('scan', tree, '--profile', 'none', '--json');
  assert.deepEqual([wrong.code, JSON.parse(wrong.stderr).code], [2, 'SCAN_PROFILE']);
  const table = await gateway.command('scan', tree);
  assert.match(table.stdout, /x\.zip +malicious +zip +EICAR-Test-File \(eicar\).* inner\/eicar\.com/);
  assert.match(table.stdout, /2 files, .*: 1 malicious, 1 skipped\.\n/);
});
