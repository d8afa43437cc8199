import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSummary, parsedList } from '../../../test/support/lists.ts';
import { type ListEntry, listEntryLine } from './index.ts';

const WHOLE: ListEntry = {
  kind: 'url',
  value: 'evil.example/a?b',
  action: 'block',
  category: 'malware',
  severity: 'high',
  note: 'family, port 8080',
  confidence: 80,
  tlp: 'amber+strict',
  firstSeenMs: 1_700_000_000_000,
  lastSeenMs: 1_700_000_000_001,
  expiresAtMs: 1_900_000_000_000,
  reference: 'https://example.com/report',
};

test('what is written is read again', async () => {
  const small: ListEntry = {
    kind: 'host',
    value: 'a.example',
    action: 'allow',
    category: 'c',
    severity: undefined,
    note: '',
  };
  const text = listEntryLine(WHOLE) + listEntryLine(small) + listEntryLine(WHOLE, true);
  assert.equal(text.split('\n')[1], '{"kind":"host","value":"a.example","action":"allow","category":"c"}');
  const { entries, problems, removed } = await parsedList('sallyport', text);
  assert.deepEqual(problems, []);
  assert.deepEqual(removed, [WHOLE]);
  assert.deepEqual(JSON.parse(JSON.stringify(entries)), JSON.parse(JSON.stringify([WHOLE, small])));
});

test('what it leaves out comes from the list', async () => {
  const { entries } = await parsedList(
    'sallyport',
    '{"kind":"hash","value":"D41D8CD98F00B204E9800998ECF8427E"}\n',
  );
  assert.deepEqual(entries[0]?.value, 'd41d8cd98f00b204e9800998ecf8427e');
  assert.deepEqual([entries[0]?.action, entries[0]?.category], ['block', 'default']);
});

test('strict: unknown keys, wrong values and wrong kinds are problems', async () => {
  const lines = [
    '{"kind":"domain","value":"a.example","what":1}',
    '{"kind":"domain","value":"a.example","constructor":1}',
    '{"kind":"domain","value":"a.example","confidence":101}',
    '{"kind":"domain","value":"a.example","tlp":"pink"}',
    '{"kind":"domain","value":"a.example","firstSeenMs":1.5}',
    '{"kind":"domain","value":"a.example","action":"suppress"}',
    '{"kind":"domain"}',
    '{"kind":"domain","value":"192.0.2.1"}',
    '{"kind":"address","value":"a.example"}',
    '{"kind":"url","value":"https://evil.example/"}',
    '{"kind":"url","value":"evil.example"}',
    '{"kind":"thing","value":"a.example"}',
    '[]',
    'null',
    '{"kind":',
    '{"kind":"network","value":"192.0.2.77/24"}',
  ];
  assert.deepEqual(await listSummary('sallyport', lines.join('\n')), [
    'network 192.0.2.0/24',
    '1: unknown key',
    '2: unknown key',
    '3: "confidence" has a value that is not allowed',
    '4: "tlp" has a value that is not allowed',
    '5: "firstSeenMs" has a value that is not allowed',
    '6: "action" has a value that is not allowed',
    '7: "kind" or "value" is missing',
    '8: the value is not of kind domain',
    '9: the value is not of kind address',
    '10: the value is not of kind url',
    '11: the value is not of kind url',
    '12: "kind" has a value that is not allowed',
    '13: not an object',
    '14: not an object',
    '15: not JSON',
  ]);
});

test('a list that is imported whole takes nothing out', async () => {
  const text =
    '{"kind":"domain","value":"a.example","remove":true}\n{"kind":"domain","value":"b.example","remove":false}\n';
  assert.deepEqual(await listSummary('sallyport', text, { wholeOnly: true }), [
    'domain b.example',
    '1: a line that takes out an entry, in a list that is imported whole',
  ]);
});
