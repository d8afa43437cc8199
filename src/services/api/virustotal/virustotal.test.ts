import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fileReputationLab, type FileReputationLab } from '../../../../test/support/file-reputation.ts';
import { scopeOf, type Scope } from '../../../../test/support/scope.ts';
import { documentOf, statusOf, type WebDoor } from '../../../../test/support/web-doors.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const EVIL = sha256('evil');
const GOOD = sha256('good');
const base64 = (url: string): string => Buffer.from(url).toString('base64url');
const line = (entry: object): string => `${JSON.stringify(entry)}\n`;

async function labWithLists(t: Scope): Promise<FileReputationLab> {
  const lab = await fileReputationLab(scopeOf(t));
  const block = { action: 'block', category: 'malware', severity: 'high' };
  await lab.add(
    'urlhaus',
    [
      line({ kind: 'hash', value: EVIL, ...block, category: 'trojan' }),
      line({ kind: 'domain', value: 'evil.example', ...block }),
      line({ kind: 'url', value: 'site.example/bad/', ...block, category: 'phishing' }),
      line({ kind: 'address', value: '192.0.2.66', ...block, severity: 'low' }),
    ].join(''),
    { format: 'sallyport' },
  );
  await lab.add(
    'nsrl',
    line({ kind: 'hash', value: GOOD, action: 'allow', category: 'known-good', note: 'bash, Debian' }),
    { format: 'sallyport', action: 'allow' },
  );
  return lab;
}

interface VtDocument {
  readonly data: {
    readonly id: string;
    readonly type: string;
    readonly links: { readonly self: string };
    readonly attributes: Readonly<Record<string, unknown>>;
  };
  readonly meta?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

async function say(
  door: WebDoor,
  request: string,
  fields = '',
  body = '',
): Promise<{ status: number; document: VtDocument }> {
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const answer = await door.say(
    'https',
    `${request} HTTP/1.1\r\nHost: gw.example\r\n${fields}${length}\r\n${body}`,
  );
  return { status: statusOf(answer), document: documentOf(answer) as unknown as VtDocument };
}

test('a file has the shape of a file object, each list an engine', async (t) => {
  const door = await (await labWithLists(t)).edge();
  const { status, document } = await say(door, `GET /vt/api/v3/files/${EVIL.toUpperCase()}`);
  assert.equal(status, 200);
  const { id, type, links, attributes } = document.data;
  assert.deepEqual([id, type, links.self], [EVIL, 'file', `https://gw.example/vt/api/v3/files/${EVIL}`]);
  assert.deepEqual(attributes['last_analysis_stats'], {
    malicious: 1,
    suspicious: 0,
    undetected: 1,
    harmless: 0,
    timeout: 0,
  });
  assert.deepEqual(attributes['last_analysis_results'], {
    urlhaus: { category: 'malicious', engine_name: 'urlhaus', method: 'blacklist', result: 'trojan' },
    nsrl: { category: 'undetected', engine_name: 'nsrl', method: 'blacklist', result: 'unrated' },
  });
  assert.equal(attributes['sha256'], EVIL);
  assert.equal(attributes['reputation'], -80);
  assert.deepEqual(attributes['total_votes'], { harmless: 0, malicious: 0 });
  assert.deepEqual(attributes['tags'], ['trojan']);
  for (const date of ['first_submission_date', 'last_submission_date', 'last_analysis_date']) {
    assert.equal(attributes[date], Date.UTC(2026, 0, 1) / 1000, date);
  }
  const good = await say(door, `GET /api/v3/files/${GOOD}`);
  assert.equal(good.document.data.attributes['meaningful_name'], 'bash');
  assert.equal(good.document.data.links.self, `https://gw.example/api/v3/files/${GOOD}`);
  assert.equal((good.document.data.attributes['last_analysis_stats'] as { harmless: number }).harmless, 1);
});

test('domains, addresses and URLs by base64, padded or not, and by SHA-256', async (t) => {
  const door = await (await labWithLists(t)).edge();
  const url = 'http://site.example/bad/a?x=1';
  const standard = Buffer.from(url).toString('base64').replaceAll('=', '%3D');
  for (const [path, type, malicious, suspicious] of [
    ['domains/www.EVIL.example', 'domain', 1, 0],
    ['ip_addresses/192.0.2.66', 'ip_address', 0, 1],
    ['ip_addresses/192.0.2.1', 'ip_address', 0, 0],
    [`urls/${base64(url)}`, 'url', 1, 0],
    [`urls/${standard}`, 'url', 1, 0],
    [`urls/${base64('site.example/bad/')}`, 'url', 1, 0],
    [`urls/${sha256('site.example/bad/')}`, 'url', 1, 0],
    [`urls/${sha256('evil.example/')}`, 'url', 1, 0],
  ] as const) {
    const { status, document } = await say(door, `GET /vt/api/v3/${path}`);
    assert.equal(status, 200, path);
    assert.equal(document.data.type, type);
    const stats = document.data.attributes['last_analysis_stats'] as Record<string, number>;
    assert.deepEqual([stats['malicious'], stats['suspicious']], [malicious, suspicious], path);
  }
  const { document } = await say(door, `GET /vt/api/v3/urls/${base64(url)}`);
  assert.equal(document.data.id, sha256(url));
  assert.equal(document.data.attributes['url'], url);
  assert.deepEqual(document.data.attributes['categories'], { urlhaus: 'phishing' });
});

test('a URL that is handed in is known by its identifier to every edge', async (t) => {
  const lab = await labWithLists(t);
  const [door, other] = [await lab.edge(), await lab.edge()];
  const url = 'http://EVIL.example/x y#z';
  const canonical = 'http://evil.example/x%20y';
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
  const multipart = 'Content-Type: multipart/form-data; boundary=b\r\n';
  const parts = `--b\r\nContent-Disposition: form-data; name="url"\r\n\r\n${url}\r\n--b--\r\n`;
  for (const [fields, body] of [
    [form, `url=${encodeURIComponent(url)}`],
    [multipart, parts],
    ['', `url=${encodeURIComponent(url)}`],
  ] as const) {
    const { status, document } = await say(door, 'POST /vt/api/v3/urls', fields, body);
    assert.equal(status, 200, body);
    assert.equal(document.data.type, 'analysis');
    assert.equal(document.data.id, `u-${sha256(canonical)}-${Date.UTC(2026, 0, 1) / 1000}`);
  }
  const submitted = await say(door, 'POST /vt/api/v3/urls', form, 'url=http%3A%2F%2Fquiet.example%2F');
  const analysis = await say(other, `GET /vt/api/v3/analyses/${submitted.document.data.id}`);
  assert.equal(analysis.document.data.attributes['status'], 'completed');
  assert.deepEqual(analysis.document.meta, {
    url_info: { id: sha256('http://quiet.example/'), url: 'http://quiet.example/' },
  });
  const byId = await say(other, `GET /vt/api/v3/urls/${sha256('http://quiet.example/')}`);
  assert.equal(byId.status, 200, 'known, though nobody says anything of it');
  const evil = await say(other, `GET /vt/api/v3/urls/u-${sha256(canonical)}-1767225600`);
  assert.equal(evil.document.data.attributes['sallyport_verdict'], 'malicious');
});

test('errors have the body, the code and the status of the API', async (t) => {
  const lab = await labWithLists(t);
  const door = await lab.edge();
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
  for (const [request, status, code, fields, body] of [
    [`GET /vt/api/v3/files/${'0'.repeat(64)}`, 404, 'NotFoundError'],
    ['GET /vt/api/v3/files/xyz', 404, 'NotFoundError'],
    ['GET /vt/api/v3/domains/unknown.example', 404, 'NotFoundError'],
    ['GET /vt/api/v3/domains/a%20b', 400, 'InvalidArgumentError'],
    ['GET /vt/api/v3/domains/192.0.2.1', 400, 'InvalidArgumentError'],
    ['GET /vt/api/v3/ip_addresses/1.2.3', 400, 'InvalidArgumentError'],
    ['GET /vt/api/v3/urls/thisurlidmakesnosenseatall', 404, 'NotFoundError'],
    [`GET /vt/api/v3/urls/${'f'.repeat(64)}`, 404, 'NotFoundError'],
    ['GET /vt/api/v3/analyses/u-1-2', 404, 'NotFoundError'],
    ['GET /vt/api/v3/nothing/1', 404, 'NotFoundError'],
    ['GET /vt/api/v3/files', 404, 'NotFoundError'],
    [`GET /vt/api/v3/files/${EVIL}/votes`, 404, 'NotFoundError'],
    [`DELETE /vt/api/v3/files/${EVIL}`, 404, 'NotFoundError'],
    ['POST /vt/api/v3/urls', 400, 'BadRequestError'],
    ['POST /vt/api/v3/urls', 400, 'BadRequestError', form, 'uri=x'],
    ['POST /vt/api/v3/urls', 400, 'BadRequestError', 'Content-Type: text/plain\r\n', 'url=x'],
    ['POST /vt/api/v3/urls', 400, 'InvalidArgumentError', form, 'url=mailto%3Ax'],
    ['POST /vt/api/v3/files', 401, 'AuthenticationRequiredError', form, 'file=x'],
    ['POST /vt/api/v3/files', 403, 'ForbiddenError', 'x-apikey: reader\r\n', 'x'],
    ['GET /vt/api/v3/analyses/f-1-2', 404, 'NotFoundError'],
  ] as const) {
    const answer = await say(door, request, fields, body);
    assert.deepEqual([answer.status, answer.document.error?.code], [status, code], request);
    assert.ok(answer.document.error?.message);
  }
  lab.control.isAway = true;
  const away = await say(door, 'POST /vt/api/v3/urls', form, 'url=x.example');
  assert.deepEqual([away.status, away.document.error?.code], [503, 'TransientError']);
});

test('a key is looked at only where one is asked for, and then refused in the words of the API', async (t) => {
  const lab = await labWithLists(t);
  const open = await lab.edge();
  const request = `GET /vt/api/v3/files/${EVIL}`;
  assert.equal((await say(open, request, 'x-apikey: anything\r\n')).status, 200);
  const door = await lab.edge({
    config: (base) => ({ ...base, reputation: { ...base.reputation, requireToken: true } }),
  });
  for (const [fields, status, code] of [
    ['', 401, 'AuthenticationRequiredError'],
    ['x-apikey: wrong\r\n', 401, 'WrongCredentialsError'],
    ['x-apikey: proxied\r\n', 403, 'ForbiddenError'],
    [`Authorization: Basic ${Buffer.from('banned:x').toString('base64')}\r\n`, 429, 'QuotaExceededError'],
    [`Authorization: Basic ${Buffer.from('away:x').toString('base64')}\r\n`, 503, 'TransientError'],
    ['x-apikey: asker\r\n', 200, undefined],
  ] as const) {
    const answer = await say(door, request, fields);
    assert.deepEqual([answer.status, answer.document.error?.code], [status, code], fields);
  }
});

test('an entry that the operator has overruled does not count as malicious', async (t) => {
  const lab = await labWithLists(t);
  await lab.admin.addLocal({ value: 'evil.example', action: 'allow' }, 'test');
  const door = await lab.edge();
  const { document } = await say(door, 'GET /vt/api/v3/domains/evil.example');
  const stats = document.data.attributes['last_analysis_stats'] as Record<string, number>;
  assert.deepEqual([stats['malicious'], stats['harmless'], stats['undetected']], [0, 1, 1]);
  assert.equal(document.data.attributes['sallyport_verdict'], 'clean');
});
