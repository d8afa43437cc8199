/** What the proxy says about the origin's answer is true: nothing cut looks whole, every byte is the origin's. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chunked, raw, sized, untilClose } from '../support/behaviours.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import type { Behaviour, Origin } from '../support/origin.ts';
import { PatternCheck } from '../support/pattern.ts';
import { processTree, rssBytes } from '../support/process-tree.ts';
import { openRaw, proxyGet, rawRequest } from '../support/raw-client.ts';
import { openScope } from '../support/scope.ts';

const MIB = 1024 * 1024;
/** `SALLYPORT_TEST_BIG_BYTES=1073741824` for the long form. */
const BIG = Number(process.env['SALLYPORT_TEST_BIG_BYTES'] ?? 64 * MIB);
const GROWTH_MAX = 64 * MIB;

/** RFC 9112 §8: an answer that is cut must not be taken for whole. What the client must see: never a complete message. */
const CUT_BODIES: Readonly<Record<string, Behaviour>> = {
  '/cut-length': raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly a part', 'end'),
  '/cut-length-reset': raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly a part', 'reset'),
  '/cut-in-chunk': raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly a part', 'end'),
  '/cut-between-chunks': raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nchunk.\r\n', 'end'),
  '/cut-before-end': raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nchunk.\r\n0\r\n', 'end'),
};

/** RFC 9112 §8: "If a response head is cut, the proxy answers 502": it has nothing that it could pass on. */
const CUT_HEADS: Readonly<Record<string, Behaviour>> = {
  '/head-nothing': raw('', 'end'),
  '/head-status': raw('HTTP/1.1 200', 'end'),
  '/head-field': raw('HTTP/1.1 200 OK\r\nContent-Type: text/pl', 'end'),
  '/head-no-end': raw('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n', 'end'),
};

describe('truth about answers', () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;

  before(async () => {
    origin = await startOrigin(scope, {
      ...CUT_BODIES,
      ...CUT_HEADS,
      '/cut-close-reset': raw('HTTP/1.1 200 OK\r\n\r\nonly a part', 'reset'),
      '/0': sized(0),
      '/1': sized(1),
      '/64k': sized(64 * 1024),
      '/chunked': chunked(3 * MIB + 17),
      '/close': untilClose(3 * MIB + 17),
      '/big': sized(BIG),
    });
    gateway = await startGateway(scope, { config: { egress: { allowDestinations: ['127.0.0.0/8'] } } });
  });
  after(() => scope.close());

  for (const path of Object.keys(CUT_BODIES)) {
    test(`a cut body is seen as cut: ${path}`, async () => {
      const answer = await rawRequest(gateway.proxyPort, proxyGet(origin.url + path));
      assert.equal(answer.status, 200);
      assert.equal(
        answer.complete,
        false,
        `the client took it for whole: ${answer.head}${answer.body.toString()}`,
      );
    });
  }

  test('a body until close that ends in a reset is seen as cut', async () => {
    const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/cut-close-reset`));
    assert.equal(answer.complete, false, `the client took it for whole: ${answer.head}`);
  });

  test('a body until close for a client of HTTP/1.0 that ends in a reset ends in a reset', async () => {
    const client = await openRaw(gateway.proxyPort);
    client.send(`GET ${origin.url}/cut-close-reset HTTP/1.0\r\n\r\n`);
    await client.rest();
    assert.equal(client.ended, 'reset');
  });

  for (const path of Object.keys(CUT_HEADS)) {
    test(`a cut head is a 502: ${path}`, async () => {
      const answer = await rawRequest(gateway.proxyPort, proxyGet(origin.url + path));
      assert.equal(answer.status, 502);
      assert.equal(answer.complete, true);
      assert.match(answer.fields.get('proxy-status') ?? '', /error=/);
    });
  }

  for (const [path, bytes] of [
    ['/0', 0],
    ['/1', 1],
    ['/64k', 64 * 1024],
    ['/chunked', 3 * MIB + 17],
    ['/close', 3 * MIB + 17],
  ] as const) {
    test(`every byte is the origin's: ${path}`, async () => {
      const check = new PatternCheck();
      const options = { onBody: (part: Buffer) => check.take(part) };
      const answer = await rawRequest(gateway.proxyPort, proxyGet(origin.url + path), options);
      assert.equal(answer.complete, true);
      assert.equal(check.wrongAt, undefined);
      assert.equal(check.bytes, bytes);
    });
  }

  test(`${BIG / MIB} MiB pass unchanged in flat memory`, { timeout: 300_000 }, async () => {
    const pids = processTree(gateway.child.pid);
    const before_ = pids.map((pid) => rssBytes(pid));
    let growth = 0;
    const look = setInterval(() => {
      growth = Math.max(growth, ...pids.map((pid, at) => rssBytes(pid) - (before_[at] ?? 0)));
    }, 20);
    const check = new PatternCheck();
    const options = { onBody: (part: Buffer) => check.take(part), timeoutMs: 60_000 };
    try {
      const answer = await rawRequest(gateway.proxyPort, proxyGet(`${origin.url}/big`), options);
      assert.equal(answer.complete, true);
    } finally {
      clearInterval(look);
    }
    assert.equal(check.wrongAt, undefined);
    assert.equal(check.bytes, BIG);
    assert.ok(growth < GROWTH_MAX, `a process grew by ${Math.round(growth / MIB)} MiB`);
  });
});
