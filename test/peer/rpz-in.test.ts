/** A zone that BIND has read and written again is imported as what it was made of. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChild } from '../support/child.ts';
import { parsedList } from '../support/lists.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { openScope, scopeOf, tempDir } from '../support/scope.ts';
import { missingData, testData } from '../support/test-data.ts';

const DOMAINS = '03-domains/list_formats/blocklistproject_ransomware.domains';
const skip = missingPeer('named-checkzone') || missingData(DOMAINS);

test('real domains in a zone of named, with triggers of every kind', { skip }, async (t) => {
  const { entries: listed } = await parsedList('plain', testData(DOMAINS)!);
  // A label of a zone has at most 63 octets, a name 253: what the list has beyond is no name of DNS.
  const names = listed.map(({ value }) => value).filter((name) => name.length < 200);
  const zone = `$TTL 60
@ IN SOA localhost. root.localhost. ( 1 3600 600 86400 60 )
@ IN NS localhost.
${names.map((name) => `${name} CNAME .\n*.${name} CNAME .`).join('\n')}
24.0.2.0.192.rpz-ip CNAME .
32.7.2.0.192.rpz-nsip CNAME .
ns.evil.example.rpz-nsdname CNAME .
good.example CNAME rpz-passthru.
`;
  const dir = await tempDir(scopeOf(t));
  await writeFile(join(dir, 'rpz.zone'), zone);
  const args = ['-D', '-i', 'none', '-k', 'ignore', 'rpz.example', join(dir, 'rpz.zone')];
  const made = await runChild(openScope(), peerPath('named-checkzone'), args);
  assert.equal(made.code, 0, made.stdout.slice(0, 500));
  const text = made.stdout
    .split('\n')
    .filter((line) => /\sIN\s/.test(line))
    .join('\n');
  const { entries, problems } = await parsedList('rpz', text, { cuts: 4096 });
  const found = new Set(entries.map(({ kind, value, action }) => `${kind} ${value} ${action}`));
  for (const name of names) {
    assert.ok(found.has(`domain ${name} block`) || found.has(`host ${name} block`), name);
  }
  assert.ok(found.has('network 192.0.2.0/24 block'));
  assert.ok(found.has('host good.example allow'));
  assert.deepEqual(problems.map(({ reason }) => reason).toSorted(), [
    'rpz-nsdname: the names of name servers are not looked at',
    'rpz-nsip: the addresses of name servers are not looked at',
  ]);
});
