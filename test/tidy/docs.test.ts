import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { generatedDocuments } from '../../scripts/reference.ts';
import { filesBelow } from './source.ts';

const ROOT_DOCUMENTS = readdirSync('.').filter((name) => name.endsWith('.md'));
const documents = [
  ...filesBelow(['docs'], ['.md']),
  ...ROOT_DOCUMENTS.map((path) => ({ path, text: readFileSync(path, 'utf8') })),
];
const everything = [
  ...documents,
  ...filesBelow(['src', 'test', 'scripts', 'bench'], ['.ts', '.mjs', '.txt', '.sh']),
];

test('the reference and the port table of the README are what the source says (npm run docs)', async () => {
  for (const [path, text] of await generatedDocuments()) {
    assert.equal(existsSync(path) ? readFileSync(path, 'utf8') : '(missing)', text, `${path} is out of date`);
  }
});

/** Written in two halves, so that this file does not contain them. */
const FORBIDDEN: readonly (readonly [first: string, second: string])[] = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['X', 'XX'],
  ['not imple', 'mented'],
  ['/wo', 'rk/'],
  ['/fa', 'rm/'],
  ['/ho', 'me/runner'],
  ['.libr', 'ary'],
  ['.on', 'ly('],
];

function forbiddenIn(text: string): readonly string[] {
  return FORBIDDEN.map((halves) => halves.join('')).filter((word) => text.includes(word));
}

test('no unfinished work and no path of the machine that built it', () => {
  const found = everything.flatMap(({ path, text }) => forbiddenIn(text).map((word) => `${path}: ${word}`));
  assert.deepEqual(found, []);
});

test('rule: forbidden words are found', () => {
  assert.deepEqual(forbiddenIn(`// ${['TO', 'DO'].join('')}: later`), [['TO', 'DO'].join('')]);
});

/** Links of a document that lead nowhere in the repository. */
function deadLinks(path: string, text: string): readonly string[] {
  const links = [...text.matchAll(/(?:\]\(|(?:src|srcset|href)=")([^)"#\s]+)/g)].map((match) => match[1]!);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => !existsSync(posix.join(posix.dirname(path), link)));
}

test('every link between the documents leads somewhere', () => {
  assert.deepEqual(
    documents.flatMap(({ path, text }) => deadLinks(path, text).map((link) => `${path}: ${link}`)),
    [],
  );
  assert.deepEqual(deadLinks('docs/a.md', '[x](nowhere.md) [y](../README.md) [z](https://example.com/)'), [
    'nowhere.md',
  ]);
});

test('ARCHITECTURE stays short enough to be read', () => {
  assert.ok(readFileSync('ARCHITECTURE.md', 'utf8').split('\n').length < 400);
});
