/** Lists that go out are what the programs that read them take. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChild } from '../support/child.ts';
import { exportLab } from '../support/exports.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { openScope, scopeOf, tempDir } from '../support/scope.ts';

const LIST = [
  'evil.example',
  '=www.bad.example',
  '_dmarc.evil.example',
  'xn--bcher-kva.example',
  'bad.example/a/b?c=1',
  '192.0.2.66',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '198.51.100.7',
  '2001:db8::1',
  '2001:db8::/32',
  '::ffff:0:0/96',
  'ab'.repeat(32),
].join('\n');

test('nft takes the sets, overlapping networks and all', { skip: missingPeer('nft') }, async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', LIST);
  const { text } = await lab.ask({ path: '/feeds/urls.nft', token: 'analyst' });
  assert.match(text, /add element inet sallyport feed_urls_v6 \{ .*2001:db8::\/32/);
  const file = join(await tempDir(scopeOf(t)), 'sets.nft');
  await writeFile(file, text);
  // Checking needs the kernel's netlink: without root in a user and network namespace of its own.
  const root = process.getuid?.() === 0;
  const [command, args] = root ? [peerPath('nft'), []] : ['unshare', ['-Urn', peerPath('nft')]];
  const checked = await runChild(openScope(), command, [...args, '-c', '-f', file]);
  assert.equal(checked.code, 0, `${checked.stderr}\n${text}`);
});

test('named takes the zone', { skip: missingPeer('named-checkzone') }, async (t) => {
  const lab = await exportLab(scopeOf(t));
  await lab.add('urls', LIST);
  await lab.add('good', 'good.example\n203.0.113.0/24\n', { action: 'allow' });
  for (const [name, owner] of [
    ['urls', '24.0.100.51.198.rpz-ip'],
    ['good', '*.good.example'],
  ] as const) {
    const { text } = await lab.ask({ path: `/feeds/${name}.rpz`, token: 'analyst' });
    const file = join(await tempDir(scopeOf(t)), 'rpz.zone');
    await writeFile(file, text);
    // -D prints the zone as it was read: canonical names, one record a line.
    const args = ['-D', '-i', 'full', 'rpz.example', file];
    const checked = await runChild(openScope(), peerPath('named-checkzone'), args);
    assert.equal(checked.code, 0, `${checked.stdout}\n${text}`);
    assert.ok(checked.stdout.includes(`${owner}.rpz.example.`), checked.stdout);
    assert.match(checked.stderr + checked.stdout, new RegExp(`loaded serial ${lab.reader.generation}`));
  }
});
