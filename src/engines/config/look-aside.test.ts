import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { scopeOf, tempDir, type Scope } from '../../../test/support/scope.ts';
import type { GatewayError } from '../../kernel/index.ts';
import { loadConfig, type Config } from './index.ts';

async function load(scope: Scope, upstreams: readonly object[]): Promise<Config> {
  const file = join(await tempDir(scope), 'sallyport.yaml');
  await writeFile(file, JSON.stringify({ lookAside: { upstreams } }));
  return loadConfig({ file, flags: {}, environment: {}, checkout: undefined, cores: 1 });
}

test('an upstream has the quota of VirusTotal until the operator says otherwise', async (t) => {
  const scope = scopeOf(t);
  const url = 'https://www.virustotal.com/';
  const { lookAside } = await load(scope, [
    { name: 'vt', type: 'virustotal', url, tokenFile: 'vt.key', kinds: ['file'] },
  ]);
  const [upstream] = lookAside.upstreams;
  assert.equal(upstream?.url, 'https://www.virustotal.com');
  assert.deepEqual([upstream.perMinute, upstream.perDay, upstream.timeoutMs], [4, 500, 2000]);
  assert.match(upstream.tokenFile ?? '', /^\/.*\/vt\.key$/);
  assert.equal(upstream.caFile, undefined);
});

test('what can never work is refused with its place', async (t) => {
  const scope = scopeOf(t);
  const good = { name: 'a', url: 'https://a.example', kinds: ['file'] };
  for (const [upstreams, says] of [
    [[{ ...good, kinds: [] }], /kinds/],
    [[good, good], /already the name/],
    [[{ ...good, type: 'hashlookup', kinds: ['url'] }], /hashlookup knows only files/],
    [[{ ...good, name: 'local' }], /local/],
    [[{ ...good, name: 'A B' }], /name/],
    [[{ ...good, url: 'ftp://a.example' }], /url/],
    [[{ ...good, url: 'https://user:pw@a.example' }], /url/],
    [[{ ...good, url: 'https://a.example/?key=1' }], /url/],
    [[{ ...good, kinds: ['user'] }], /kinds/],
    [[{ ...good, extra: 1 }], /extra/],
  ] as const) {
    await assert.rejects(load(scope, upstreams), (error: GatewayError) => {
      assert.match(JSON.stringify([error.message, error.details]), says);
      return true;
    });
  }
});
