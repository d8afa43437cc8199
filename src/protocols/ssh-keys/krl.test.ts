import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseKrl } from './krl.ts';
import { isMark, markAt, RevokedMarks } from './mark.ts';

/** Made with ssh-keygen of OpenSSH 9.2: serials, a range, a bitmap, an id, a key and a hash. */
const KRL = Buffer.from(
  'U1NIS1JMCgAAAAABAAAAAAAAAAcAAAAAawYHIQAAAAAAAAAAAAAAAAAAAAABAAAAhAAAADMAAAALc3NoLWVkMjU1MTkAAAAgEaKDI1wzU6gMFsMdBCp42MPSDz984oGWosTj0cQMplIAAAAAIgAAAA8AAAAAAAAAKgAAAAMH/wMiAAAADgAAAAAAAAPoAAAAAgFVIAAAAAj//////////yMAAAAQAAAADGFsaWNlIGxhcHRvcAIAAAA3AAAAMwAAAAtzc2gtZWQyNTUxOQAAACCMd+mcJoSLOMRD/o5IViIiQpWDaorMIuReNM/WX70gigUAAAAkAAAAIGWuvL+XU9eRuCdFbCABpGFZPdorlblLuccGrCYsWFgt',
  'base64',
);
const AUTHORITY = 'SHA256:h7/AXBTVIhyCVCrzdsi8mLZG6NUotV3Yeh7U/ZB2dqI';
const OTHER = 'SHA256:mzHYpXc3++daqPIOlcBRSyoX2lr5xvAvWOiqXNCPZY8';

function marks(bytes: Uint8Array): readonly string[] {
  const krl = parseKrl(bytes, 1000);
  return 'problem' in krl ? [] : krl.marks;
}

test('a revocation list of ssh-keygen gives the marks that ssh-keygen -Q shows', () => {
  const krl = parseKrl(KRL, 1000);
  assert.ok(!('problem' in krl));
  assert.deepEqual([krl.version, krl.comment], [7n, '']);
  const serials = ['42-43', '50-60', '1000', '1002', '1004', '1006', '1008', '18446744073709551615'];
  assert.deepEqual(krl.marks, [
    ...serials.map((serial) => markAt(AUTHORITY, `serial:${serial}`)),
    markAt(AUTHORITY, 'id:alice laptop'),
    OTHER,
    'SHA256:Za68v5dT15G4J0VsIAGkYVk92iuVuUu5xwasJixYWC0',
  ]);
  assert.ok(krl.marks.every(isMark));
});

test('what is cut, too much or not understood makes the whole list unusable', () => {
  // Between two sections a list may end.
  const ends = [44, 44 + 5 + 0x84, 44 + 5 + 0x84 + 5 + 0x37];
  for (let length = 0; length < KRL.length; length++) {
    const cut = parseKrl(KRL.subarray(0, length), 1000);
    assert.equal('problem' in cut, !ends.includes(length), String(length));
  }
  assert.match(JSON.stringify(parseKrl(KRL, 10)), /more than 10/);
  const sha1 = Buffer.concat([KRL, Buffer.of(3, 0, 0, 0, 0)]);
  assert.match(JSON.stringify(parseKrl(sha1, 1000)), /SHA-1/);
  const unknown = Buffer.concat([KRL, Buffer.of(77, 0, 0, 0, 0)]);
  assert.match(JSON.stringify(parseKrl(unknown, 1000)), /unknown type 77/);
  const extension = (critical: number) =>
    Buffer.concat([KRL, Buffer.of(255, 0, 0, 0, 10, 0, 0, 0, 1, 0x78, critical, 0, 0, 0, 0)]);
  assert.match(JSON.stringify(parseKrl(extension(1), 1000)), /critical/);
  assert.equal(marks(extension(0)).length, 11);
});

test('no bytes make it throw', () => {
  const change = fc.record({ at: fc.nat(KRL.length - 1), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      const bytes = Buffer.from(KRL);
      for (const { at, value } of changes) bytes[at] = value;
      parseKrl(bytes, 1000);
    }),
  );
});

test('serials and ids count for one authority, or for all, and ranges have both their ends', () => {
  const revoked = new RevokedMarks([
    markAt(AUTHORITY, 'serial:10-20'),
    markAt(AUTHORITY, 'id:serial:1-9'),
    'serial:77',
    'id:everywhere',
  ]);
  const hits = (authority: string, serial: string, id = 'x') =>
    revoked.hasAny([`serial:${serial}`, `id:${id}`].flatMap((mark) => [mark, markAt(authority, mark)]));
  assert.deepEqual(
    ['9', '10', '15', '20', '21', '77'].map((serial) => hits(AUTHORITY, serial)),
    [false, true, true, true, false, true],
  );
  assert.deepEqual(
    ['10', '20', '77'].map((serial) => hits(OTHER, serial)),
    [false, false, true],
  );
  assert.equal(hits(OTHER, '1', 'everywhere'), true);
  assert.equal(hits(AUTHORITY, '5'), false, 'an id that looks like serials is an id');
});

test('marks have one form each', () => {
  const good = [OTHER, 'serial:0', 'serial:4-9', 'id:a b', `${OTHER}/serial:4-9`, `${OTHER}/id:alice@x/y`];
  for (const text of good) assert.ok(isMark(text), text);
  const bad = [
    '',
    'serial:',
    'serial:01',
    'serial:-1',
    'id:',
    'id:a\nb',
    `${OTHER}/`,
    'SHA256:short/serial:1',
  ];
  for (const text of bad) assert.ok(!isMark(text), text);
});
