import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { failureOf } from '../../../test/support/failure.ts';
import { body, feedLab, feedServer, IO, plainServer } from '../../../test/support/feed-lab.ts';
import { scopeOf } from '../../../test/support/scope.ts';

const LIST = 'bad.example\nworse.example\n';

test('a list is fetched over TLS, imported, and not fetched again while its ETag stands', async (t) => {
  const scope = scopeOf(t);
  let text = LIST;
  const server = await feedServer(scope, (request, response) => {
    const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 8)}"`;
    const known = request.headers['if-none-match'] === etag;
    response.writeHead(known ? 304 : 200, { ETag: etag, 'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT' });
    response.end(known ? undefined : text);
  });
  const lab = await feedLab(scope);
  const url = `${server.url}/lists/bad.txt`;
  await lab.feeds.add('bad', { url, caFile: server.tls.caFile, category: 'malware' }, {}, 'tester');
  const first = await lab.feeds.sync('bad', false, IO);
  assert.deepEqual([first.result, first.entries], ['changed', 2]);
  assert.deepEqual(lab.entries('bad'), ['bad.example', 'worse.example']);
  const [stored] = lab.indicators.feeds();
  assert.deepEqual([stored?.name, stored?.source, stored?.category], ['bad', url, 'malware']);

  assert.equal((await lab.feeds.sync('bad', false, IO)).result, 'unchanged');
  assert.equal(server.requests[1]?.headers['if-modified-since'], 'Thu, 01 Jan 2026 00:00:00 GMT');
  text += 'third.example\n';
  assert.deepEqual((await lab.feeds.sync('bad', false, IO)).entries, 3);
  assert.equal((await lab.feeds.sync('bad', true, IO)).result, 'changed', 'force asks without validators');
  assert.equal(server.requests[3]?.headers['if-none-match'], undefined);

  // A restart forgets nothing.
  await lab.close();
  const again = await feedLab(scope, { dataDir: lab.dataDir });
  assert.equal((await again.feeds.sync('bad', false, IO)).result, 'unchanged');
  // What decides about the content makes what was known worthless.
  await again.feeds.edit('bad', { category: 'phishing' }, {}, 'tester');
  assert.equal((await again.feeds.sync('bad', false, IO)).result, 'changed');
  assert.equal(again.indicators.feeds()[0]?.category, 'phishing');
});

test('every way to sign in reaches its server, and no secret is shown anywhere', async (t) => {
  const scope = scopeOf(t);
  const SECRET = 's3cr3t/+ value';
  const server = await feedServer(scope, (request, response) => {
    const { authorization, 'x-key': key } = request.headers;
    const wanted: Readonly<Record<string, boolean>> = {
      '/basic': authorization === `Basic ${Buffer.from(`gw:${SECRET}`).toString('base64')}`,
      '/bearer': authorization === `Bearer ${SECRET}`,
      '/header': key === SECRET,
      [`/url/${encodeURIComponent(SECRET)}/x`]: true,
    };
    const fine = wanted[request.url ?? ''] ?? false;
    response.writeHead(fine ? 200 : 401).end(fine ? LIST : 'no');
  });
  const lab = await feedLab(scope);
  const ways = {
    basic: { url: `${server.url}/basic`, auth: 'basic', user: 'gw' },
    bearer: { url: `${server.url}/bearer`, auth: 'bearer' },
    header: { url: `${server.url}/header`, auth: 'header', header: 'X-Key' },
    url: { url: `${server.url}/url/{secret}/x`, auth: 'url' },
  };
  for (const [name, way] of Object.entries(ways)) {
    const entry = { ...way, caFile: server.tls.caFile };
    await lab.feeds.add(name, entry, { secret: SECRET }, 'tester');
    assert.equal((await lab.feeds.sync(name, false, IO)).result, 'changed', name);
    await lab.feeds.edit(name, {}, { secret: 'another' }, 'tester');
    const failure = await failureOf(lab.feeds.sync(name, true, IO));
    assert.equal(failure.code, 'FEEDS_CREDENTIALS', name);
    assert.match(failure.message, /answered 401/);
    await lab.feeds.edit(name, {}, { secret: SECRET }, 'tester');
    await lab.feeds.sync(name, true, IO);
  }
  const told = JSON.stringify([
    lab.logged,
    lab.events,
    lab.feeds.list(),
    await lab.state.exportDocument(),
    await lab.state.versions(50),
    await lab.state.auditEntries({ limit: 100 }),
    lab.indicators.feeds(),
  ]);
  for (const secret of [SECRET, encodeURIComponent(SECRET), 'another']) {
    assert.ok(!told.includes(secret), `${secret} is told`);
  }
});

test('mutual TLS: with the certificate it opens, without it is refused, and the authority is checked', async (t) => {
  const scope = scopeOf(t);
  const server = await feedServer(scope, body(LIST), { requestCert: true, rejectUnauthorized: true });
  const lab = await feedLab(scope);
  const certificateFile = join(lab.dataDir, 'client.pem');
  const keyFile = join(lab.dataDir, 'client.key');
  writeFileSync(certificateFile, server.tls.cert);
  writeFileSync(keyFile, server.tls.key);
  const { caFile } = server.tls;
  await lab.feeds.add('mtls', { url: server.url, caFile, certificateFile, keyFile }, {}, 'tester');
  assert.equal((await lab.feeds.sync('mtls', false, IO)).entries, 2);
  await lab.feeds.edit('mtls', { certificateFile: undefined, keyFile: undefined }, {}, 'tester');
  assert.match((await failureOf(lab.feeds.sync('mtls', true, IO))).code, /^FEEDS_(?:HTTP|TLS|CUT)$/);
  await lab.feeds.edit('mtls', { caFile: undefined }, {}, 'tester');
  const failure = await failureOf(lab.feeds.sync('mtls', true, IO));
  assert.equal(failure.code, 'FEEDS_TLS');
  assert.match(failure.message, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/);
  assert.deepEqual(lab.entries('mtls'), ['bad.example', 'worse.example'], 'the last good list stays');
});

test('a checksum and a signature that fit are taken, others refuse the list by name', async (t) => {
  const scope = scopeOf(t);
  const ed = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sum = createHash('sha256').update(LIST).digest('hex');
  const bodies: Readonly<Record<string, string | Buffer>> = {
    '/list.txt': LIST,
    '/sums': `${'0'.repeat(64)}  other.txt\n${sum}  ./list.txt\n`,
    '/bare': `${sum}\n`,
    '/wrong': `${'0'.repeat(64)}\n`,
    '/none': 'nothing\n',
    '/ed': sign(null, Buffer.from(LIST), ed.privateKey),
    '/ed64': `${sign(null, Buffer.from(LIST), ed.privateKey).toString('base64')}\n`,
    '/rsa': sign('sha256', Buffer.from(LIST), rsa.privateKey),
    '/forged': sign(null, Buffer.from(`${LIST} `), ed.privateKey),
  };
  const server = await feedServer(scope, (request, response) => {
    response.end(bodies[request.url ?? '']);
  });
  const lab = await feedLab(scope);
  const edFile = join(lab.dataDir, 'ed.pem');
  const rsaFile = join(lab.dataDir, 'rsa.pem');
  writeFileSync(edFile, ed.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(rsaFile, rsa.publicKey.export({ type: 'spki', format: 'pem' }));
  const at = (path: string) => `${server.url}${path}`;
  const outcome = async (more: Readonly<Record<string, string>>): Promise<string> => {
    const entry = { url: at('/list.txt'), caFile: server.tls.caFile, ...more };
    await lab.feeds.add('list', entry, {}, 'tester');
    try {
      const run = lab.feeds.sync('list', true, IO);
      return await run.then(({ result }) => result).catch((error: { code: string }) => error.code);
    } finally {
      await lab.feeds.unsubscribe('list', 'tester');
    }
  };
  for (const [more, expected] of [
    [{ checksumUrl: at('/sums') }, 'changed'],
    [{ checksumUrl: at('/bare') }, 'changed'],
    [{ checksumUrl: at('/wrong') }, 'FEEDS_CHECKSUM'],
    [{ checksumUrl: at('/none') }, 'FEEDS_CHECKSUM'],
    [{ signatureUrl: at('/ed'), publicKeyFile: edFile }, 'changed'],
    [{ signatureUrl: at('/ed64'), publicKeyFile: edFile }, 'changed'],
    [{ signatureUrl: at('/rsa'), publicKeyFile: rsaFile }, 'changed'],
    [{ signatureUrl: at('/forged'), publicKeyFile: edFile }, 'FEEDS_SIGNATURE'],
    [{ signatureUrl: at('/ed'), publicKeyFile: rsaFile }, 'FEEDS_SIGNATURE'],
    [{ signatureUrl: at('/ed'), publicKeyFile: join(lab.dataDir, 'nothing.pem') }, 'FEEDS_FILE'],
  ] as const) {
    assert.equal(await outcome(more), expected, JSON.stringify(more));
  }
});

test('packed answers are unpacked, whatever they are packed with', async (t) => {
  const scope = scopeOf(t);
  const packed: Readonly<Record<string, Buffer>> = {
    gzip: gzipSync(LIST),
    br: brotliCompressSync(LIST),
    deflate: deflateSync(LIST),
  };
  const server = await feedServer(scope, (request, response) => {
    const coding = request.url?.slice(1) ?? '';
    response.writeHead(200, { 'Content-Encoding': coding }).end(packed[coding] ?? LIST);
  });
  const lab = await feedLab(scope);
  for (const coding of ['gzip', 'br', 'deflate', 'zstd']) {
    await lab.feeds.add(coding, { url: `${server.url}/${coding}`, caFile: server.tls.caFile }, {}, 'tester');
  }
  for (const coding of Object.keys(packed)) {
    assert.equal((await lab.feeds.sync(coding, false, IO)).entries, 2, coding);
  }
  assert.equal((await failureOf(lab.feeds.sync('zstd', false, IO))).code, 'FEEDS_ENCODING');
});

test('redirects are followed within TLS and their bound, and credentials stay with their origin', async (t) => {
  const scope = scopeOf(t);
  const other = await feedServer(scope, body(LIST));
  const plain = await plainServer(scope, body(LIST));
  const server = await feedServer(scope, (request, response) => {
    const to: Readonly<Record<string, string>> = {
      '/here': '/list',
      '/other': `${other.url}/list`,
      '/plain': `${plain.url}/list`,
      '/loop': '/loop',
      '/file': 'file:///etc/passwd',
      '/user': `https://u:p@localhost:${other.port}/`,
    };
    const location = to[request.url ?? ''];
    if (location === undefined) response.end(LIST);
    else response.writeHead(302, { Location: location }).end();
  });
  const lab = await feedLab(scope);
  const outcome = async (path: string): Promise<string> => {
    const entry = { url: `${server.url}${path}`, caFile: server.tls.caFile, auth: 'bearer' };
    await lab.feeds.add('to', entry, { secret: 'token' }, 'tester');
    try {
      const run = lab.feeds.sync('to', true, IO);
      return await run.then(({ result }) => result).catch((error: { code: string }) => error.code);
    } finally {
      await lab.feeds.unsubscribe('to', 'tester');
    }
  };
  assert.equal(await outcome('/here'), 'changed');
  assert.equal(server.requests[1]?.headers.authorization, 'Bearer token');
  assert.equal(await outcome('/other'), 'changed');
  assert.equal(other.requests[0]?.headers.authorization, undefined);
  for (const path of ['/plain', '/loop', '/file', '/user']) {
    assert.equal(await outcome(path), 'FEEDS_REDIRECT', path);
  }
  assert.equal(plain.requests.length, 0);
});

test('a client certificate is shown to its own origin and to no other', async (t) => {
  const scope = scopeOf(t);
  const asking = { requestCert: true, rejectUnauthorized: false };
  const shown: [where: string, subject: boolean][] = [];
  const note = (where: string, { socket }: { readonly socket: unknown }): void => {
    assert.ok(socket instanceof TLSSocket);
    shown.push([where, Object.keys(socket.getPeerCertificate()).length > 0]);
  };
  const other = await feedServer(
    scope,
    (request, response) => {
      note('other', request);
      response.end(LIST);
    },
    asking,
  );
  const server = await feedServer(
    scope,
    (request, response) => {
      note('own', request);
      response.writeHead(302, { Location: `${other.url}/list` }).end();
    },
    asking,
  );
  const lab = await feedLab(scope);
  const certificateFile = join(lab.dataDir, 'client.pem');
  const keyFile = join(lab.dataDir, 'client.key');
  writeFileSync(certificateFile, server.tls.cert);
  writeFileSync(keyFile, server.tls.key);
  const { caFile } = server.tls;
  await lab.feeds.add('mtls', { url: server.url, caFile, certificateFile, keyFile }, {}, 'tester');
  assert.equal((await lab.feeds.sync('mtls', false, IO)).entries, 2);
  assert.deepEqual(shown, [
    ['own', true],
    ['other', false],
  ]);
});

test('plain HTTP needs consent, except to this machine; other addresses of its own stay closed', async (t) => {
  const scope = scopeOf(t);
  const plain = await plainServer(scope, body(LIST));
  const lab = await feedLab(scope);
  await lab.feeds.add('loop', { url: plain.url }, {}, 'tester');
  assert.equal((await lab.feeds.sync('loop', false, IO)).entries, 2);
  await lab.feeds.add('far', { url: 'http://lists.example/x' }, {}, 'tester');
  assert.equal((await failureOf(lab.feeds.sync('far', false, IO))).code, 'FEEDS_PLAIN_HTTP');

  const guarded = await feedLab(scope, { egress: { allowDestinations: [] } });
  await guarded.feeds.add('loop', { url: plain.url }, {}, 'tester');
  assert.equal((await failureOf(guarded.feeds.sync('loop', false, IO))).code, 'FEEDS_PROHIBITED');
});
