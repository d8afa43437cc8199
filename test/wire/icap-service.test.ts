/** The ICAP door: what a client gets, over a real connection, with the real scan engine. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { Warnings } from '../../src/engines/policy/index.ts';
import type { ScanEngine } from '../../src/engines/scan/index.ts';
import { EICAR, IcapClient, page, upload } from '../support/icap-client.ts';
import { openIcapDoor, wrapped } from '../support/icap-door.ts';
import { listed, policyOf } from '../support/policy.ts';

const TEXT = Buffer.from('a harmless text\n');

describe('OPTIONS', () => {
  test('says what the service is', async (t) => {
    const door = await openIcapDoor(t);
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const reply = await client.ask({
      method: 'OPTIONS',
      service: '/avscan?allow204=on&sizelimit=off&mode=simple',
    });
    assert.equal(reply.status, 200);
    assert.equal(reply.field('Methods'), 'REQMOD, RESPMOD');
    assert.equal(reply.field('Allow'), '204');
    assert.equal(reply.field('Preview'), '4096');
    assert.equal(reply.field('Transfer-Preview'), '*');
    assert.equal(reply.field('Max-Connections'), '1000');
    assert.equal(reply.field('Options-TTL'), '3600');
    assert.equal(reply.field('Encapsulated'), 'null-body=0');
    assert.equal(
      reply.field('X-Include'),
      'X-Client-IP, X-Server-IP, X-Authenticated-User, X-Authenticated-Groups',
    );
    assert.match(reply.field('ISTag') ?? '', /^"[A-Za-z0-9]{1,32}"$/);
  });

  test('the service tag changes with the policy, and for all answers', async (t) => {
    const door = await openIcapDoor(t);
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const before = (await client.ask({ method: 'OPTIONS', service: '/respmod' })).field('ISTag');
    const same = (await client.ask(page(TEXT, { allow: ['204'] }))).field('ISTag');
    door.access.use(await policyOf(['when: { host: [blocked.test] }, then: { block: {} }']), 'test-2');
    const after = (await client.ask({ method: 'OPTIONS', service: '/respmod' })).field('ISTag');
    assert.equal(same, before);
    assert.notEqual(after, before);
    assert.equal((await client.ask(page(TEXT, { allow: ['204'] }))).field('ISTag'), after);
  });

  test('methods, extensions and paths by settings', async (t) => {
    const door = await openIcapDoor(t, {
      icap: {
        partialContent: true,
        transferIgnore: ['gif'],
        transferComplete: ['exe'],
        services: [{ path: '/dlp', methods: 'reqmod', profile: 'block', scan: 'hashes' }],
      },
    });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const reply = await client.ask({ method: 'OPTIONS', service: '/dlp' });
    assert.equal(reply.field('Methods'), 'REQMOD');
    assert.equal(reply.field('Allow'), '204, 206');
    assert.equal(reply.field('Transfer-Ignore'), 'gif');
    assert.equal(reply.field('Transfer-Complete'), 'exe');
    assert.equal((await client.ask({ method: 'OPTIONS', service: '/nothing' })).status, 404);
    const refused = await client.ask(page(TEXT, { service: '/dlp' }));
    assert.equal(refused.status, 405);
    assert.equal(refused.field('X-Response-Info'), 'ICAP_METHOD_NOT_FOR_SERVICE');
    assert.equal(refused.field('Connection'), 'close');
  });
});

describe('a clean body', () => {
  const sizes = [0, 1, 1023, 1024, 1025, 65_535, 1_048_576, 3_000_000];
  for (const service of ['/respmod', '/echo', '/avscan?profile=hashes']) {
    test(`comes back as it was: ${service}`, async (t) => {
      const door = await openIcapDoor(t);
      const client = await IcapClient.open(door.port);
      t.after(() => client.close());
      for (const size of sizes) {
        const body = randomBytes(size);
        for (const preview of [undefined, 0, 1024]) {
          const more = preview === undefined ? { service } : { service, preview };
          const reply = await client.ask(page(body, more));
          const what = `${size} bytes, preview ${preview}`;
          // RFC 3507 §4.6: a preview may always be answered with 204, what is behind it only with Allow.
          const fits = preview !== undefined && (size <= preview || service === '/echo');
          assert.equal(reply.status, fits ? 204 : 200, what);
          if (!fits) {
            assert.ok(reply.body.equals(body), what);
            assert.match(reply.response, /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/octet-stream\r\n/);
          }
          assert.equal((await client.ask(page(body, { ...more, allow: ['204'] }))).status, 204, what);
        }
      }
      assert.deepEqual(door.bugs, []);
    });
  }

  test('REQMOD gives the request back', async (t) => {
    const door = await openIcapDoor(t);
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const body = randomBytes(200_000);
    const reply = await client.ask(upload(body, { preview: 1024 }));
    assert.equal(reply.status, 200);
    assert.ok(reply.continued);
    assert.match(reply.request, /^POST http:\/\/www\.example\.test\/form HTTP\/1\.1\r\n/);
    assert.ok(reply.body.equals(body));
    const get = {
      method: 'REQMOD',
      service: '/reqmod',
      request: 'GET http://a.test/ HTTP/1.1\nHost: a.test',
    } as const;
    assert.equal((await client.ask({ ...get, allow: ['204'] })).status, 204);
    const echoed = await client.ask(get);
    assert.equal(echoed.status, 200);
    assert.equal(echoed.field('Encapsulated'), `req-hdr=0, null-body=${echoed.request.length}`);
    // Squid: `Preview: 0` with nothing to preview.
    assert.equal((await client.ask({ ...get, fields: [], preview: 0, allow: ['204'] })).status, 204);
  });

  test('hold: nothing goes out before the verdict', async (t) => {
    const door = await openIcapDoor(t, { icap: { largeBodies: 'hold', heldBytes: 65_536 } });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const body = randomBytes(3_000_000);
    const reply = await client.ask(page(body));
    assert.equal(reply.status, 200);
    assert.ok(reply.body.equals(body));
    const bad = await client.ask(page(Buffer.concat([EICAR, Buffer.alloc(3_000_000, 10)])));
    assert.match(bad.response, /^HTTP\/1\.1 403 Forbidden\r\n/);
  });
});

describe('a bad body', () => {
  test('is refused in the words that clients read', async (t) => {
    const door = await openIcapDoor(t);
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    for (const question of [page(EICAR), upload(EICAR), page(EICAR, { preview: 1024, allow: ['204'] })]) {
      const reply = await client.ask(question);
      assert.equal(reply.status, 200);
      assert.match(reply.response, /^HTTP\/1\.1 403 Forbidden\r\n/);
      assert.equal(reply.request, '');
      assert.equal(reply.field('X-Infection-Found'), 'Type=0; Resolution=2; Threat=EICAR-Test-File;');
      assert.equal(reply.field('X-Virus-ID'), 'EICAR-Test-File');
      assert.match(reply.field('X-Violations-Found') ?? '', /^1\t\S+\tEICAR-Test-File\t0\t2$/);
      assert.equal(reply.field('X-Response-Info'), 'Blocked');
      assert.match(reply.field('X-Blocked-Reason') ?? '', /^file-malicious: .*EICAR-Test-File/);
      assert.match(reply.body.toString(), /EICAR-Test-File/);
    }
    const [entry] = door.entries;
    assert.equal(entry?.decision, 'block');
    assert.equal(entry?.rule, 'file-malicious');
    assert.equal(entry?.status, 403);
    assert.equal(entry?.url, 'http://www.example.test/file.bin');
    const [event] = door.events;
    assert.equal(event?.type, 'decision.block');
    assert.equal(event?.details['finding'], 'EICAR-Test-File');
    assert.equal(door.counted('icap_requests_total', 'RESPMOD', 'blocked'), 2);
    assert.equal(door.counted('icap_blocks_total', 'file-malicious'), 3);
  });

  test('only the fields that the operator wants', async (t) => {
    const door = await openIcapDoor(t, { icap: { answerFields: ['X-Virus-ID'] } });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const reply = await client.ask(page(EICAR));
    assert.equal(reply.field('X-Virus-ID'), 'EICAR-Test-File');
    assert.equal(reply.field('X-Infection-Found'), undefined);
  });

  test('monitor: told, and not refused', async (t) => {
    const door = await openIcapDoor(t);
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const spared = await client.ask(page(EICAR, { service: '/avscan?profile=monitor', allow: ['204'] }));
    assert.equal(spared.status, 204);
    assert.equal(spared.field('X-Infection-Found'), 'Type=0; Resolution=0; Threat=EICAR-Test-File;');
    assert.equal(spared.field('X-Response-Info'), 'Monitored');
    const whole = await client.ask(page(EICAR, { service: '/avscan?profile=monitor' }));
    assert.equal(whole.status, 200);
    assert.ok(whole.body.equals(EICAR));
    assert.equal(whole.field('X-Virus-ID'), 'EICAR-Test-File');
    assert.deepEqual(
      door.events.map(({ type }) => type),
      ['decision.monitor', 'decision.monitor'],
    );
    assert.equal(door.counted('icap_requests_total', 'RESPMOD', 'monitored'), 2);
  });

  test('at the end of a long one: the answer is cut, and the client cannot take it for the whole', async (t) => {
    const door = await openIcapDoor(t, { icap: { heldBytes: 65_536 }, wrapScan: allBad });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    await assert.rejects(client.ask(page(randomBytes(1_000_000))), /ended before the answer|is none/);
    await door.finished(1);
    assert.equal(door.entries[0]?.error, 'ICAP_CUT_BY_VERDICT');
    assert.equal(door.entries[0]?.decision, 'block');
    assert.equal(door.counted('icap_held_bytes'), 0);
  });
});

/** Finds something in everything, as a signature at the end of a file would. */
function allBad(engine: ScanEngine): ScanEngine {
  return wrapped(engine, async (scan) => ({ ...(await scan.finish()), verdict: 'malicious', score: 100 }));
}

describe('policy', () => {
  test('a listed destination needs no byte of its body', async (t) => {
    const door = await openIcapDoor(t, {
      verdict: (host) => (host === 'www.example.test' ? listed() : listed({ action: 'label' })),
    });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const reply = await client.ask(upload(randomBytes(50_000), { preview: 1024 }));
    assert.equal(reply.continued, false);
    assert.match(reply.response, /^HTTP\/1\.1 403 Forbidden\r\n/);
    assert.equal(reply.field('X-Infection-Found'), 'Type=0; Resolution=2; Threat=phishing;');
    assert.equal(door.entries[0]?.rule, 'feed-block');
    // The connection goes on, whatever of the body was still to come.
    assert.match((await client.ask(upload(randomBytes(300_000)))).response, /403 Forbidden/);
    assert.equal((await client.ask({ method: 'OPTIONS', service: '/reqmod' })).status, 200);
  });

  test('rules ask for method, size, type and verdict, in the phase that knows them', async (t) => {
    const policy = await policyOf([
      'when: { method: [DELETE] }, then: { block: {} }',
      'when: { file-type: [zip] }, then: { block: {} }',
      'when: { size: { min: 1MiB } }, then: { block: {} }',
      'when: { host: [monitored.test] }, then: { monitor: true }',
      'when: { host: [edited.test] }, then: { headers: { request: { set: { X-Tenant: blue }, remove: [Referer] } } }',
    ]);
    const door = await openIcapDoor(t, { policy });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const deleted = await client.ask({
      method: 'REQMOD',
      service: '/reqmod',
      request: 'DELETE http://a.test/ HTTP/1.1\nHost: a.test',
      allow: ['204'],
    });
    assert.match(deleted.response, /403 Forbidden/);
    assert.equal(deleted.field('X-Infection-Found'), 'Type=1; Resolution=2; Threat=r0;');
    const zip = Buffer.concat([Buffer.from('504b0304140000000800', 'hex'), randomBytes(50_000)]);
    const typed = await client.ask(page(zip, { preview: 4096 }));
    assert.match(typed.response, /403 Forbidden/);
    assert.equal(typed.continued, false, 'the preview shows the type');
    const long = await client.ask(page(Buffer.alloc(1_100_000), { preview: 4096, allow: ['204'] }));
    assert.match(long.response, /403 Forbidden/);
    assert.equal(long.continued, false, 'the length was announced');
    assert.deepEqual(
      door.entries.map(({ rule }) => rule),
      ['r0', 'r1', 'r2'],
    );
  });

  test('changed heads: 206 where the client knows it, else the whole message', async (t) => {
    const policy = await policyOf([
      'when: { host: [edited.test] }, then: { headers: { request: { set: { X-Tenant: blue }, remove: [Referer] } } }',
    ]);
    const services = [{ path: '/unscanned', methods: 'both', profile: 'block', scan: 'off' }] as const;
    const door = await openIcapDoor(t, { policy, icap: { services } });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const body = randomBytes(30_000);
    const request = `POST http://edited.test/ HTTP/1.1\nHost: edited.test\nReferer: http://x.test/\nContent-Length: ${body.length}`;
    for (const service of ['/reqmod', '/unscanned']) {
      for (const preview of [undefined, 1024]) {
        const more = { service, request, ...(preview === undefined ? {} : { preview }) };
        const partial = await client.ask(upload(body, { ...more, allow: ['204', '206'] }));
        assert.equal(partial.status, 206);
        assert.equal(partial.originalBodyFrom, 0);
        assert.match(partial.request, /\r\nX-Tenant: blue\r\n\r\n$/);
        assert.doesNotMatch(partial.request, /Referer/);
        const whole = await client.ask(upload(body, { ...more, allow: ['204'] }));
        assert.equal(whole.status, 200);
        assert.match(whole.request, /\r\nX-Tenant: blue\r\n\r\n$/);
        assert.ok(whole.body.equals(body));
      }
    }
    const none = await client.ask({
      method: 'REQMOD',
      service: '/reqmod',
      request: 'GET http://edited.test/ HTTP/1.1\nHost: edited.test\nReferer: http://x.test/',
      allow: ['204'],
    });
    assert.equal(none.status, 200);
    assert.equal(
      none.request,
      'GET http://edited.test/ HTTP/1.1\r\nHost: edited.test\r\nX-Tenant: blue\r\n\r\n',
    );
  });

  test('a warning: a page with a way on, which is remembered', async (t) => {
    const granted: string[] = [];
    const warnings = new Warnings((grant) => {
      granted.push(grant.rule);
      warnings.use([grant]);
      return Promise.resolve();
    });
    warnings.useKey(randomBytes(32));
    const policy = await policyOf(['when: { host: [risky.test] }, then: { warn: {} }']);
    const door = await openIcapDoor(t, { policy, warnings });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    const get = (path: string) =>
      client.ask({
        method: 'REQMOD',
        service: '/reqmod',
        request: `GET http://risky.test${path} HTTP/1.1\nHost: risky.test\nAccept: text/html`,
        allow: ['204'],
      });
    const warned = await get('/page');
    assert.match(warned.response, /403 Forbidden/);
    const link = /href="(\/\.sallyport\/continue\?[^"]+)"/.exec(warned.body.toString())?.[1] ?? '';
    const gone = await get(link);
    assert.match(gone.response, /^HTTP\/1\.1 303 See Other\r\n/);
    assert.match(gone.response, /\r\nLocation: http:\/\/risky\.test\/page\r\n/);
    assert.deepEqual(granted, ['r0']);
    assert.equal((await get('/page')).status, 204);
    assert.deepEqual(
      door.events.map(({ type, reason }) => [type, reason]),
      [['decision.warn', 'policy-warn']],
    );
  });

  test('a rule keeps what it refuses in the quarantine', async (t) => {
    const policy = await policyOf(['when: { file-verdict: [malicious] }, then: { quarantine: true }']);
    const door = await openIcapDoor(t, { policy });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    assert.match((await client.ask(page(EICAR))).response, /403 Forbidden/);
    await door.finished(1);
    await client.ask({ method: 'OPTIONS', service: '/respmod' });
    assert.deepEqual(
      door.kept.map(({ bytes }) => bytes),
      [EICAR.length],
    );
  });

  test('what is not refused is not kept: a rule that lets pass, and a service that only watches', async (t) => {
    const policy = await policyOf([
      'when: { file-verdict: malicious, host: www.example.test, method: GET }, then: { allow: true, quarantine: true }',
      'when: { file-verdict: malicious }, then: { block: true, quarantine: true }',
    ]);
    const door = await openIcapDoor(t, { policy });
    const client = await IcapClient.open(door.port);
    t.after(() => client.close());
    assert.equal((await client.ask(page(EICAR, { allow: ['204'] }))).status, 204);
    const watched = upload(EICAR, { service: '/avscan?profile=monitor', allow: ['204'] });
    assert.equal((await client.ask(watched)).status, 204);
    assert.match((await client.ask(upload(EICAR))).response, /403 Forbidden/);
    await client.ask({ method: 'OPTIONS', service: '/respmod' });
    assert.deepEqual(
      door.kept.map(({ bytes }) => bytes),
      [EICAR.length],
      'the last one alone',
    );
  });
});
