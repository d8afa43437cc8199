import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkHead, readAnswer, readVersion } from './clamd-wire.ts';

test('answers of clamd, in a session and without', () => {
  assert.deepEqual(readAnswer('stream: OK'), { kind: 'clean' });
  assert.deepEqual(readAnswer('12: stream: OK'), { kind: 'clean' });
  assert.deepEqual(readAnswer('1: stream: Win.Test.EICAR_HDB-1 FOUND'), {
    kind: 'found',
    name: 'Win.Test.EICAR_HDB-1',
  });
  assert.deepEqual(readAnswer('INSTREAM size limit exceeded. ERROR'), { kind: 'too-large' });
  assert.deepEqual(readAnswer("stream: Can't allocate memory ERROR"), {
    kind: 'error',
    detail: "Can't allocate memory ERROR",
  });
  assert.deepEqual(readAnswer('\x1b[31mstrange\n'), { kind: 'error', detail: '?[31mstrange?' });
});

test('versions with and without a database', () => {
  assert.equal(readVersion('ClamAV 1.4.3/27500/Mon Nov  3 08:00:00 2026'), '1.4.3/27500');
  assert.equal(readVersion('1: ClamAV 1.0.9'), '1.0.9');
  assert.equal(readVersion('HTTP/1.1 400 Bad Request'), undefined);
});

test('the length of a chunk comes first, the highest byte first', () => {
  assert.equal(chunkHead(65_536).toString('hex'), '00010000');
});
