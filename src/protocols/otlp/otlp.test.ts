import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otlpLogs, otlpRejected } from './index.ts';

test('a request has the shape of ExportLogsServiceRequest in ProtoJSON', () => {
  const document = otlpLogs({ 'service.name': 'sallyport' }, { name: 'sallyport', version: '1' }, [
    {
      timeMs: 1_700_000_000_123,
      severityNumber: 13,
      severityText: 'WARN',
      eventName: 'decision.block',
      body: 'blocked\n\ud800',
      attributes: { count: 3, ratio: 0.5, done: true, url: 'http://x/', rule: undefined, user: '' },
    },
  ]);
  const record = {
    timeUnixNano: '1700000000123000000',
    observedTimeUnixNano: '1700000000123000000',
    severityNumber: 13,
    severityText: 'WARN',
    eventName: 'decision.block',
    body: { stringValue: 'blocked\n\ufffd' },
    attributes: [
      { key: 'count', value: { intValue: '3' } },
      { key: 'ratio', value: { doubleValue: 0.5 } },
      { key: 'done', value: { boolValue: true } },
      { key: 'url', value: { stringValue: 'http://x/' } },
    ],
  };
  assert.deepEqual(document, {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'sallyport' } }] },
        scopeLogs: [{ scope: { name: 'sallyport', version: '1' }, logRecords: [record] }],
      },
    ],
  });
});

test('what a receiver threw away is counted, whatever else it says', () => {
  assert.equal(otlpRejected({ partialSuccess: { rejectedLogRecords: '2', errorMessage: 'too old' } }), 2);
  for (const answer of [
    undefined,
    null,
    {},
    'x',
    { partialSuccess: null },
    { partialSuccess: { rejectedLogRecords: -1 } },
  ]) {
    assert.equal(otlpRejected(answer), 0, JSON.stringify(answer));
  }
});
