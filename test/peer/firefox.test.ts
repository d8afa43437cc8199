/** A real browser as a Safe Browsing client of the gateway: lists, full hashes, warning pages. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { page } from '../support/behaviours.ts';
import { startFirefox } from '../support/firefox.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { missingPeer } from '../support/peers.ts';
import { openScope, scopeOf, tempDir } from '../support/scope.ts';

const PHISHING = 'login-bank.example.test';
const MALWARE = 'downloads.example.test';
const ALLOWED = 'mistaken.example.test';
const GOOD = 'good.example.test';

describe('Firefox', { skip: missingPeer('firefox-esr') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;

  before(async () => {
    origin = await startOrigin(scope, {
      '/': page('<title>The page</title><h1>A page</h1>'),
      '/kit/setup': page('<title>The kit</title>'),
      '/other': page('<title>The other page</title>'),
    });
    gateway = await startGateway(scope, {});
    // Enough of them that coding and order of the lists matter; the browser compares checksums.
    const others = Array.from({ length: 3000 }, (_, at) => `host-${at}.phish.example`);
    await importList('phishing', [PHISHING, ALLOWED, ...others]);
    await importList('malware', [`http://${MALWARE}/kit/`]);
    const allowed = await gateway.command('indicator', 'allow', ALLOWED);
    assert.equal(allowed.code, 0, allowed.stderr);
  });
  after(() => scope.close());

  async function importList(category: string, lines: readonly string[]): Promise<void> {
    const file = join(await tempDir(scope), `${category}.txt`);
    await writeFile(file, `${lines.join('\n')}\n`);
    const words = ['feed', 'import', file, '--format', 'plain', '--category', category, '--severity', 'high'];
    const imported = await gateway.command(...words);
    assert.equal(imported.code, 0, imported.stderr);
  }

  for (const api of ['v5', 'v4'] as const) {
    test(`pages on our lists are not shown, others are (${api})`, async (t) => {
      const own = scopeOf(t);
      const options = {
        server: `http://127.0.0.1:${gateway.ports.webReputation}`,
        api,
        hosts: [PHISHING, MALWARE, ALLOWED, GOOD],
        key: 'a-secret-key',
      };
      let firefox = await startFirefox(own, options);
      const visit = (host: string, path: string) => firefox.visit(`http://${host}:${origin.port}${path}`);
      const warning = (host: string, path: string) => firefox.warning(`http://${host}:${origin.port}${path}`);
      await firefox.updated();
      assert.deepEqual(await visit(GOOD, '/'), { title: 'The page', blocked: undefined });
      assert.equal(await warning(PHISHING, '/?account=1'), 'deceptiveBlocked', firefox.log());
      assert.equal(await warning(MALWARE, '/kit/setup'), 'malwareBlocked', firefox.log());
      assert.equal((await visit(MALWARE, '/other')).title, 'The other page');
      assert.equal((await visit(ALLOWED, '/')).title, 'The page');

      // The next day: it is told what has changed, and takes that for the whole list.
      await firefox.quit();
      await importList('malware', [`http://${MALWARE}/other`, 'more.example', `for-${api}.example`]);
      firefox = await startFirefox(own, { ...options, home: firefox.home });
      await firefox.updated();
      assert.equal(await warning(MALWARE, '/other'), 'malwareBlocked', firefox.log());
      assert.equal((await visit(MALWARE, '/kit/setup')).title, 'The kit');
      assert.equal(await warning(PHISHING, '/'), 'deceptiveBlocked', firefox.log());
      await firefox.quit();
      await importList('malware', [`http://${MALWARE}/kit/`]);

      const log = await gateway.accessLog();
      const asked = log.split('\n').filter((line) => line.includes(`/${api}/`));
      assert.ok(
        asked.some((line) => /hashLists:batchGet|threatListUpdates:fetch/.test(line)),
        log,
      );
      assert.ok(
        asked.some((line) => /hashes:search|fullHashes:find/.test(line)),
        log,
      );
      assert.doesNotMatch(log, /a-secret-key/);
    });
  }

  test('a browser that has been here was told differences', async () => {
    const metrics = await gateway.metrics();
    const count = (list: string, kind: string): number => {
      const pattern = new RegExp(
        `safe_browsing_updates_total\\{[^}]*list="${list}",[^}]*kind="${kind}"[^}]*\\} (\\d+)`,
      );
      return Number(pattern.exec(metrics)?.[1] ?? 0);
    };
    assert.deepEqual([count('malware', 'full'), count('malware', 'partial')], [2, 2], metrics);
    assert.deepEqual([count('social-engineering', 'full'), count('social-engineering', 'none')], [2, 2]);
  });
});
