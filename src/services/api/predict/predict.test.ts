import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf, openApi, statusOf, type WebDoor } from '../../../../test/support/web-doors.ts';
import { missingData, dataPath } from '../../../../test/support/test-data.ts';
import { rowsOf } from '../../../engines/training/index.ts';

async function predict(door: WebDoor, question: unknown) {
  const body = typeof question === 'string' ? question : JSON.stringify(question);
  const head = `POST /api/v1/predict HTTP/1.1\r\nHost: gw\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  const answer = await door.say('http', head + body);
  return { status: statusOf(answer), document: documentOf(answer) };
}

interface Item {
  readonly score: number;
  readonly probability: number;
  readonly verdict: string;
  readonly reasons: readonly { readonly feature: string; readonly text: string; readonly weight: number }[];
}

function itemsOf(document: Readonly<Record<string, unknown>>): readonly Item[] {
  return document['items'] as readonly Item[];
}

const PACKED = {
  BaseOfCode: 4096,
  Characteristics: 33167,
  DllCharacteristics: 0,
  FileAlignment: 512,
  ImageBase: 4194304,
  Magic: 267,
  NumberOfRvaAndSizes: 16,
  NumberOfSections: 3,
  SizeOfCode: 720896,
  SizeOfHeaders: 4096,
  SizeOfImage: 2125824,
  SizeOfInitializedData: 8192,
  SizeOfUninitializedData: 1392640,
  filesize: 729600,
  E_file: 7.92,
};

test('features of PE files are judged in bulk, as numbers and as texts alike, with reasons', async () => {
  const door = await openApi();
  const texts = Object.fromEntries(Object.entries(PACKED).map(([name, value]) => [name, String(value)]));
  const { status, document } = await predict(door, { kind: 'pe-features', items: [PACKED, texts, {}, 7] });
  assert.equal(status, 200);
  assert.equal((document['model'] as { version: string }).version, '3');
  const [first, second, nothing, junk] = itemsOf(document);
  assert.deepEqual(first, second);
  assert.ok(first!.score > 50 && first!.verdict !== 'clean');
  assert.ok(
    first!.reasons.length > 0 && first!.reasons.every(({ text, weight }) => text !== '' && weight > 0),
  );
  assert.ok(nothing!.score >= 0);
  assert.deepEqual(junk, { error: 'no object of columns' });
});

test('URLs and domains are judged as well, in the order of the question', async () => {
  const door = await openApi();
  const urls = await predict(door, { kind: 'url', items: ['https://www.debian.org/', 'http://', 7] });
  assert.equal(itemsOf(urls.document)[0]?.verdict, 'clean');
  assert.deepEqual(itemsOf(urls.document).slice(1), [{ error: 'no URL' }, { error: 'no URL' }]);
  const domains = await predict(door, { kind: 'domain', items: ['xq7vkz2pw9rtl4.example', 'debian.org'] });
  assert.ok(itemsOf(domains.document)[0]!.score > itemsOf(domains.document)[1]!.score);
});

test('what is no question, or too much of one, is refused with a reason', async () => {
  const door = await openApi({
    config: (config) => ({ ...config, prediction: { ...config.prediction, bulkItemsMax: 2 } }),
  });
  const table: readonly (readonly [unknown, number, string])[] = [
    ['{', 400, 'malformed-json'],
    [{ kind: 'pe', items: [] }, 400, 'no-question'],
    [{ kind: 'url' }, 400, 'no-question'],
    [[], 400, 'no-question'],
    [{ kind: 'url', items: ['a', 'b', 'c'] }, 413, 'too-many-items'],
  ];
  for (const [question, status, code] of table) {
    const answer = await predict(door, question);
    assert.deepEqual([answer.status, answer.document['code']], [status, code], JSON.stringify(question));
  }
});

test(
  'rows of the tables are taken as they are',
  { skip: missingData('01-pe/benign_pe.csv.gz') },
  async () => {
    const door = await openApi();
    const good = rowsOf(dataPath('01-pe/benign_pe.csv.gz')).slice(0, 100);
    const bad = rowsOf(dataPath('01-pe/malware_br_2013_2014.csv.gz')).slice(0, 100);
    const { document } = await predict(door, { kind: 'pe-features', items: [...good, ...bad] });
    const scores = itemsOf(document).map(({ score }) => score);
    assert.equal(scores.length, 200);
    const above = (part: readonly number[]) => part.filter((score) => score >= 50).length;
    assert.ok(above(scores.slice(0, 100)) < 10 && above(scores.slice(100)) > 80);
  },
);
