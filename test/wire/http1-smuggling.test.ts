import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { forward } from '../fuzz/http1-drive.ts';
import { Llhttp } from '../fuzz/http1-llhttp.ts';

interface Smuggled {
  readonly id: string;
  readonly raw_b64: string;
}

const DATA = process.env['SALLYPORT_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');
const FILE = resolve(DATA, '07-traffic/http_malformed/smuggling_requests.json.gz');
const skip = existsSync(FILE) ? false : 'SALLYPORT_DATA: no http_malformed/smuggling_requests.json.gz';

/** The only ones that are passed on, and why that is right. */
const PASSED: Readonly<Record<string, string>> = {
  'smuggler/contentEnc': 'Content-Encoding says nothing about framing (RFC 9110 §8.4); the length does',
  'cl/CL-pad': 'leading zeros are digits (RFC 9110 §8.6); the length is written anew as 5',
};

test(
  'smuggling requests: refused, or passed on with one framing that llhttp reads alike',
  { skip },
  async () => {
    // The file was made for this: an array of the interface above.
    const all = JSON.parse(gunzipSync(readFileSync(FILE)).toString('utf8')) as readonly Smuggled[];
    assert.equal(all.length, 471);
    const llhttp = new Llhttp();
    const passed: string[] = [];
    const codes = new Map<string, number>();
    for (const { id, raw_b64 } of all) {
      const { requests, stop } = forward(Buffer.from(raw_b64, 'base64'));
      codes.set(stop, (codes.get(stop) ?? 0) + 1);
      if (requests.length === 0) {
        assert.match(stop, /^HTTP1_/, id);
        continue;
      }
      passed.push(id);
      assert.equal(requests.length, 1, id);
      const [request] = requests;
      assert.ok(request !== undefined);
      const head = request.bytes.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
      assert.equal(head.match(/^(content.length|transfer.encoding) *:/gim)?.length, 1, head);
      const read = await llhttp.read(request.bytes);
      assert.equal(read.error, undefined, id);
      assert.deepEqual(
        read.requests.map(({ method, url, body }) => ({ method, url, body })),
        [{ method: request.method, url: request.path, body: request.body }],
      );
    }
    assert.deepEqual(passed.toSorted(), Object.keys(PASSED).toSorted());
    // The reasons, so that a rule that stops biting is seen although another one still refuses.
    assert.deepEqual(Object.fromEntries([...codes].toSorted(([a], [b]) => (a < b ? -1 : 1))), {
      HTTP1_BAD_CHUNK: 3,
      HTTP1_BAD_CONTENT_LENGTH: 10,
      HTTP1_BAD_FIELD_NAME: 218,
      HTTP1_BAD_FIELD_VALUE: 38,
      HTTP1_BAD_TRAILER: 1,
      HTTP1_BAD_TRANSFER_ENCODING: 1,
      HTTP1_BARE_CR: 5,
      HTTP1_BARE_LF: 6,
      HTTP1_CODING_IN_HTTP10: 1,
      HTTP1_DISGUISED_FIELD: 1,
      HTTP1_DUPLICATE_CONTENT_LENGTH: 2,
      HTTP1_DUPLICATE_HOST: 1,
      HTTP1_LENGTH_AND_CODING: 172,
      HTTP1_MISSING_HOST: 1,
      HTTP1_OBS_FOLD: 4,
      HTTP1_SPACE_BEFORE_COLON: 5,
      closed: 2,
    });
  },
);
