import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IcapMethod, readEncapsulated } from './encapsulated.ts';
import { readServiceAddress } from './target.ts';

/** `method role`, the value, and lengths and body or the code of the violation. */
const CASES: readonly (readonly [message: string, value: string, expected: string])[] = [
  // The examples of RFC 3507 §4.4.1.
  ['REQMOD request', 'req-hdr=0, req-body=412', '412 0 req-body'],
  ['REQMOD request', 'req-hdr=0, null-body=412', '412 0 null-body'],
  ['REQMOD response', 'req-hdr=0, req-body=512', '512 0 req-body'],
  ['RESPMOD request', 'req-hdr=0, res-hdr=822, res-body=1655', '822 833 res-body'],
  ['RESPMOD response', 'res-hdr=0, res-body=749', '0 749 res-body'],
  ['REQMOD response', 'res-hdr=0, res-body=749', '0 749 res-body'],
  ['OPTIONS response', 'opt-body=0', '0 0 opt-body'],
  ['OPTIONS response', 'null-body=0', '0 0 null-body'],
  // Heads are optional, bodies are not.
  ['REQMOD request', 'req-body=0', '0 0 req-body'],
  ['REQMOD request', 'null-body=0', '0 0 null-body'],
  ['REQMOD request', 'req-hdr=0', 'ICAP_WRONG_SECTION'],
  ['RESPMOD request', 'req-hdr=0, res-body=10', '10 0 res-body'],
  ['RESPMOD request', 'req-hdr=0, null-body=10', '10 0 null-body'],
  ['RESPMOD request', 'res-hdr=0, null-body=10', '0 10 null-body'],
  ['RESPMOD request', 'req-hdr=0, res-hdr=5, null-body=10', '5 5 null-body'],
  ['RESPMOD request', 'req-hdr=0, res-hdr=5', 'ICAP_WRONG_SECTION'],
  ['OPTIONS request', 'opt-body=0', '0 0 opt-body'],
  ['REQMOD response', 'null-body=0', '0 0 null-body'],
  // Not for this message, or not in this order.
  ['REQMOD request', 'res-hdr=0, res-body=10', 'ICAP_WRONG_SECTION'],
  ['REQMOD request', 'req-hdr=0, res-body=10', 'ICAP_WRONG_SECTION'],
  ['RESPMOD request', 'req-hdr=0, req-body=10', 'ICAP_WRONG_SECTION'],
  ['RESPMOD request', 'res-hdr=0, req-hdr=5, res-body=10', 'ICAP_WRONG_SECTION'],
  ['RESPMOD request', 'req-hdr=0, req-hdr=5, res-body=10', 'ICAP_WRONG_SECTION'],
  ['RESPMOD request', 'req-hdr=0, res-hdr=5, res-body=10, null-body=10', 'ICAP_WRONG_SECTION'],
  ['RESPMOD response', 'req-hdr=0, req-body=10', 'ICAP_WRONG_SECTION'],
  ['OPTIONS request', 'req-hdr=0, null-body=10', 'ICAP_WRONG_SECTION'],
  ['OPTIONS response', 'res-body=0', 'ICAP_WRONG_SECTION'],
  // Offsets.
  ['REQMOD request', 'req-hdr=1, req-body=412', 'ICAP_BAD_OFFSET'],
  ['REQMOD request', 'req-body=5', 'ICAP_BAD_OFFSET'],
  ['REQMOD request', 'req-hdr=0, req-body=0', 'ICAP_BAD_OFFSET'],
  ['RESPMOD request', 'req-hdr=0, res-hdr=50, res-body=40', 'ICAP_BAD_OFFSET'],
  ['RESPMOD request', 'req-hdr=0, res-hdr=50, res-body=50', 'ICAP_BAD_OFFSET'],
  // Form.
  ['REQMOD request', 'REQ-HDR=0,Null-Body=7', '7 0 null-body'],
  ['REQMOD request', '\treq-hdr=0 ,\t null-body=7 ', '7 0 null-body'],
  ['REQMOD request', '', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', ',', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', '=0', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body=', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body=-0', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body=+0', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body=0x0', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body= 0', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body =0', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body=0;x', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'null-body=0=0', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'req-hdr=0, null-body=99999999999999999', 'ICAP_BAD_ENCAPSULATED'],
  ['REQMOD request', 'req-trl=0, null-body=7', 'ICAP_BAD_ENCAPSULATED'],
];

test('Encapsulated: every legal form, and what is refused', () => {
  for (const [message, value, expected] of CASES) {
    const [method, role] = message.split(' ');
    // The table above holds these words only.
    const layout = readEncapsulated(value, role as 'request' | 'response', method as IcapMethod);
    const found =
      typeof layout === 'string' ? layout : `${layout.requestBytes} ${layout.responseBytes} ${layout.body}`;
    assert.equal(found, expected, `${message}: ${value}`);
  }
});

test('addresses of services', () => {
  const cases: Readonly<Record<string, string>> = {
    'icap://icap.example.net:2000/services/icap-service-1':
      'icap icap.example.net 2000 /services/icap-service-1 -',
    'icap://icap.net/service?mode=translate&lang=french':
      'icap icap.net 0 /service mode=translate&lang=french',
    'icap://a/avscan?allow204=on&sizelimit=off&mode=simple':
      'icap a 0 /avscan allow204=on&sizelimit=off&mode=simple',
    'ICAPS://A:11344/x?': 'icaps a 11344 /x ',
    'icap://a': 'icap a 0 / -',
    'icap://a?x': 'icap a 0 / x',
    'icap://a:/s': 'icap a 0 /s -',
    'icap://[::1]:1344/s': 'icap ::1 1344 /s -',
    'icap://clam_av/s?a?b': 'icap clam_av 0 /s a?b',
    '/avscan?x=icap://y': 'undefined  0 /avscan x=icap://y',
    '//a/s': 'undefined  0 //a/s -',
    avscan: 'ICAP_BAD_TARGET',
    '*': 'ICAP_BAD_TARGET',
    'http://a/s': 'ICAP_BAD_TARGET',
    'icap:/a/s': 'ICAP_BAD_TARGET',
    'x?icap://a/s': 'ICAP_BAD_TARGET',
    'icap://u:p@a/s': 'ICAP_USERINFO',
    'icap:///s': 'ICAP_BAD_AUTHORITY',
    'icap://a:99999/s': 'ICAP_BAD_AUTHORITY',
    'icap://a b/s': 'ICAP_BAD_AUTHORITY',
    'icap://a::/s': 'ICAP_BAD_AUTHORITY',
  };
  for (const [target, expected] of Object.entries(cases)) {
    const found = readServiceAddress(target);
    const text =
      typeof found === 'string'
        ? found
        : `${found.scheme} ${found.host} ${found.port} ${found.path} ${found.query ?? '-'}`;
    assert.equal(text, expected, target);
  }
});
