import assert from 'node:assert/strict';
import { test } from 'node:test';
import { urlRedactor } from '../../protocols/url/index.ts';
import { redactionOf } from './redact.ts';

const redaction = redactionOf(urlRedactor(['token', 'key']));

test('texts lose tokens, credentials, passwords in URLs and private keys, and nothing else', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----';
  const cases: readonly (readonly [string, string])[] = [
    ['x-apikey: spt_abcdefghijkl end', 'x-apikey: [removed] end'],
    ['made spt_abcdefghijkl for siem', 'made [removed] for siem'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [removed]'],
    ['Proxy-Authorization: Basic dXNlcjpwYXNz', 'Proxy-Authorization: Basic [removed]'],
    ['GET https://user:pass@lists.example/a?b#c', 'GET https://lists.example/a?b#c'],
    ['GET https://lists.example/a?key=abc end', 'GET https://lists.example/a?key=[secret] end'],
    [`a\n${pem}\nb`, 'a\n[removed]\nb'],
    ['password: hunter2, next', 'password: [removed], next'],
    ['{"secret": "x y"}', '{"secret": [removed]}'],
    [
      'mail to bob@example.org about https://lists.example/a@b',
      'mail to bob@example.org about https://lists.example/a@b',
    ],
    ['basic words, bearer of news', 'basic words, bearer of news'],
  ];
  for (const [text, wanted] of cases) assert.equal(redaction.text(text), wanted);
});

test('documents lose members by name, and keep what only counts or points', () => {
  const document = {
    tokens: { siem: { scopes: ['read'], secret: 'x' } },
    tls: { keyFile: '/etc/key.pem', certificateFile: '/etc/cert.pem' },
    parents: [{ host: 'p.example', user: 'u', password: 'p' }],
    log: 'authorization=Bearer abcdefgh',
    login: { failuresMax: 5 },
  };
  assert.deepEqual(redaction.document(document), {
    tokens: { siem: { scopes: ['read'], secret: '[removed]' } },
    tls: { keyFile: '/etc/key.pem', certificateFile: '/etc/cert.pem' },
    parents: [{ host: 'p.example', user: 'u', password: '[removed]' }],
    log: 'authorization=Bearer [removed]',
    login: { failuresMax: 5 },
  });
});
