import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readScripts } from '../wire/http1-script.ts';

const DATA = process.env['SALLYPORT_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');

export interface Corpus {
  readonly requests: readonly Buffer[];
  readonly responses: readonly Buffer[];
}

/** The wire scripts, and llhttp's vectors and the smuggling requests where the test data is here. */
export function readCorpus(): Corpus {
  const requests: Buffer[] = [];
  const responses: Buffer[] = [];
  for (const { role, bytes } of readScripts()) (role === 'request' ? requests : responses).push(bytes);
  for (const { input_b64, meta } of readData('llhttp_vectors')) {
    const bytes = Buffer.from(input_b64 ?? '', 'base64');
    // Without a Host nearly all of them would be refused for the same reason.
    const text = bytes.toString('latin1').replaceAll(' HTTP/1.1\r\n', ' HTTP/1.1\r\nHost: vector.test\r\n');
    if (meta?.type?.startsWith('response') === true) responses.push(bytes);
    else requests.push(bytes.includes('ost:') ? bytes : Buffer.from(text, 'latin1'));
  }
  for (const { raw_b64 } of readData('smuggling_requests')) {
    requests.push(Buffer.from(raw_b64 ?? '', 'base64'));
  }
  return { requests, responses };
}

/** Of either file: each has one of the two inputs. */
interface DataEntry {
  readonly input_b64?: string;
  readonly raw_b64?: string;
  readonly meta?: { readonly type?: string };
}

function readData(name: string): readonly DataEntry[] {
  const file = resolve(DATA, `07-traffic/http_malformed/${name}.json.gz`);
  // The files were made for this: arrays of such objects.
  return existsSync(file)
    ? (JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as readonly DataEntry[])
    : [];
}
