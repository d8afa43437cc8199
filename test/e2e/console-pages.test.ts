/** Pages of the console for what goes out, what scans, what judges and what the gateway says, and links into the log. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { text } from '../support/behaviours.ts';
import { assertAccessible, openTab, type WatchedTab, signIn } from '../support/browser.ts';
import { runChild } from '../support/child.ts';
import { ADMIN_PASSWORD, type Gateway, startGateway } from '../support/gateway.ts';
import { type Origin, startOrigin } from '../support/origin.ts';
import { missingPeer } from '../support/peers.ts';
import { openScope, tempDir } from '../support/scope.ts';

const POLICY = `version: 1
rules:
  - { name: careful, when: { url: "127.0.0.1/careful" }, then: { warn: { text: "Think first." } } }
  - { name: never, when: { url: "127.0.0.1/never" }, then: block }
default: allow
`;
const BAD_RULES = 'rule a { condition: b }\nrule c { strings: $x = "q" condition: $y }\n';
const GOOD_RULES = 'rule Marker { strings: $x = "console-pages-marker" condition: $x }\n';

describe('console: further pages', { skip: missingPeer('chromium') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;
  let tab: WatchedTab;
  let page: Page;
  let base: string;
  let dir: string;

  before(async () => {
    const built = await runChild(scope, process.execPath, ['scripts/console.ts']);
    assert.equal(built.code, 0, built.stderr);
    dir = await tempDir(scope);
    origin = await startOrigin(scope, { '/careful': text('hi'), '/never': text('hi') });
    gateway = await startGateway(scope, { config: { egress: { allowDestinations: ['127.0.0.0/8'] } } });
    base = `https://127.0.0.1:${gateway.ports.https}`;
    await writeFile(join(dir, 'policy.yaml'), POLICY);
    await gateway.ask('policy', 'apply', join(dir, 'policy.yaml'));
    tab = await openTab(scope, base, { viewport: { width: 1440, height: 900 } });
    ({ page } = tab);
    await page.goto(`${base}/console/log`);
    await signIn(page, ADMIN_PASSWORD);
    await page.getByRole('navigation').waitFor();
  });
  after(() => scope.close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const visit = async (path: string, heading: string) => {
    await page.goto(`${base}/console/${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  };
  const curl = (...args: readonly string[]) => runChild(scope, 'curl', ['-sk', ...args]);
  const throughProxy = (path: string) =>
    curl('-x', `http://127.0.0.1:${gateway.proxyPort}`, `http://127.0.0.1:${origin.port}${path}`);

  test('a warning looks like one, and a link opens an event that is not in the list', async () => {
    await throughProxy('/careful');
    await throughProxy('/never');
    await visit('log?rule=careful', 'Log');
    await button('Live').click();
    const row = page.getByRole('row').filter({ hasText: '/careful' }).first();
    await row.waitFor();
    await row.getByText('warn', { exact: true }).waitFor();
    await row.getByRole('button').first().click();
    await page.getByRole('heading', { name: 'warn', level: 2 }).waitFor();
    const event = new URL(page.url()).searchParams.get('event') ?? '';
    assert.match(event, /^\d{8}-\d{2}\.\d+$/);
    await visit(`log?rule=never&event=${event}`, 'Log');
    await page.getByRole('heading', { name: 'warn', level: 2 }).waitFor();
    await page.getByText('policy-warn').waitFor();
    await assertAccessible(page, 'an event that a link names');
    await visit('log?event=20200101-00.1', 'Log');
    await page.getByText('there is no event 20200101-00.1').waitFor();
  });

  test('a list goes out under an address that can be copied, and no longer', async () => {
    await gateway.ask('indicator', 'block', 'listed.example');
    await visit('exports', 'Lists going out');
    await button('Add a list').click();
    await page.getByLabel('Name', { exact: true }).fill('branches');
    await page.getByLabel('Feeds', { exact: true }).fill('local');
    await page.getByLabel(/Everybody may fetch it/).check();
    await assertAccessible(page, 'the dialog for a list');
    await button('Add').click();
    await page.getByRole('heading', { name: 'Addresses of branches' }).waitFor();
    const url = await page.getByText('/feeds/branches.txt').textContent();
    assert.equal(url, `${base}/feeds/branches.txt`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button('Copy: txt').click();
    await page.getByText('Copied').waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), url);
    assert.match((await curl(url)).stdout, /^listed\.example$/m);
    await button('Remove: branches').click();
    await button('Remove').click();
    await page.getByText('branches is removed').waitFor();
    assert.equal((await curl('-o', '/dev/null', '-w', '%{http_code}', url)).stdout, '401');
  });

  test('a collection that others write to has its address', async () => {
    await button('Add a collection').click();
    await page.getByLabel('Name', { exact: true }).fill('sector');
    await page.getByLabel('Title').fill('Our sector');
    await button('Add').click();
    await page.getByText(`${base}/taxii2/root/collections/sector/objects/`).waitFor();
    await page.getByText('Our sector').waitFor();
    await button('Remove: sector').click();
    await button('Remove').click();
    await page.getByText('Nobody writes here yet').waitFor();
  });

  test('rules with mistakes are refused with their lines, good ones are in force until they are removed', async () => {
    await writeFile(join(dir, 'bad.yar'), BAD_RULES);
    await writeFile(join(dir, 'good.yar'), GOOD_RULES);
    await visit('scan-rules', 'Scan rules');
    await button('Add a rule set').click();
    await page.getByLabel('Rule files').setInputFiles(join(dir, 'bad.yar'));
    await page.getByLabel('Name', { exact: true }).fill('mine');
    await button('Add').click();
    await page.getByText('2 mistakes: nothing was taken').waitFor();
    await page.getByText('unknown identifier').waitFor();
    await assertAccessible(page, 'the mistakes of a rule set');
    await page.getByLabel('Rule files').setInputFiles(join(dir, 'good.yar'));
    await button('Add').click();
    await page.getByText('mine is in force, with 1 rules').waitFor();
    const { sets } = (await gateway.ask('scan', 'rules', 'list')) as { sets: { name: string }[] };
    assert.deepEqual(
      sets.map(({ name }) => name),
      ['shipped', 'mine'],
    );
    assert.equal(await button('Remove: shipped').count(), 0);
    await button('Remove: mine').click();
    await button('Remove').click();
    await page.getByText('mine is removed').waitFor();
    await page.getByRole('row').filter({ hasText: 'mine' }).first().waitFor({ state: 'detached' });
  });

  test('what the processes say comes in as they say it, by level', async () => {
    await visit('messages', 'Application log');
    await page.getByText('state.migrated').first().waitFor();
    await writeFile(join(dir, 'late.txt'), 'late.example\n');
    await gateway.ask('feed', 'import', join(dir, 'late.txt'));
    const said = page
      .getByRole('row')
      .filter({ hasText: 'indicators.imported' })
      .filter({ hasText: 'feed=late' });
    await said.waitFor();
    await page.getByRole('searchbox').fill('feed=late');
    await page.getByRole('row').filter({ hasText: 'state.migrated' }).first().waitFor({ state: 'detached' });
    await button('Errors').click();
    await page.getByText('No line of this kind').waitFor();
    await assertAccessible(page, 'the application log without lines');
  });

  test('models say what they think of a URL, a domain and columns of a PE file, with reasons', async () => {
    await visit('prediction', 'Prediction');
    for (const kind of ['URL', 'Domain', 'PE files']) {
      await button(kind).click();
      await button('Judge').click();
      await page.getByText('Reasons, the strongest first').waitFor();
      await page.getByText(/^Score \d/).waitFor();
    }
    await assertAccessible(page, 'what a model says');
    const files = page.getByRole('row').filter({ hasText: 'PE files' });
    await files.getByText('in force').waitFor();
    await page.getByText('all sources, rows left out by fourths').waitFor();
    await page.getByLabel('Columns').fill('{');
    await button('Judge').click();
    await page.getByRole('alert').waitFor();
  });

  test('nothing was loaded from elsewhere, and no policy of the browser was broken', () => {
    assert.deepEqual(tab.faults, []);
  });
});
