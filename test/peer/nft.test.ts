/** The firewall rules that the gateway prints are rules to nft. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runChild } from '../support/child.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { openScope, tempDir } from '../support/scope.ts';

const BIN = new URL('../../bin/sallyport.mjs', import.meta.url).pathname;

describe('nft', { skip: missingPeer('nft') }, () => {
  for (const direction of ['in', 'out'] as const) {
    test(`nft -c accepts the export, direction ${direction}`, async (t) => {
      const dir = await tempDir(t);
      const words = [
        'firewall',
        'export',
        '--format',
        'nftables',
        '--direction',
        direction,
        '--data-dir',
        dir,
      ];
      const exported = await runChild(t, process.execPath, [BIN, ...words]);
      assert.equal(exported.code, 0, exported.stderr);
      assert.match(exported.stdout, direction === 'in' ? /8080/ : /443/);
      const file = join(dir, 'rules.nft');
      await writeFile(file, exported.stdout);
      // Checking needs the kernel's netlink: without root in a user and network namespace of its own.
      const root = process.getuid?.() === 0;
      const [command, args] = root ? [peerPath('nft'), []] : ['unshare', ['-Urn', peerPath('nft')]];
      const checked = await runChild(openScope(), command, [...args, '-c', '-f', file]);
      assert.equal(checked.code, 0, `${checked.stderr}\n${exported.stdout}`);
    });
  }
});
