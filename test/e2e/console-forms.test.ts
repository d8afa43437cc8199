/** Forms of the console that tell the gateway whom to trust: revoked keys, Safe Browsing servers; and what a model thinks. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible, openTab, signIn, type WatchedTab } from '../support/browser.ts';
import { runChild } from '../support/child.ts';
import { plainServer } from '../support/feed-lab.ts';
import { ADMIN_PASSWORD, type Gateway, startGateway } from '../support/gateway.ts';
import { missingPeer } from '../support/peers.ts';
import { safeBrowsingServer } from '../support/safe-browsing-server.ts';
import { openScope } from '../support/scope.ts';

const SCREENSHOTS = join(import.meta.dirname, '..', '..', 'test-results', 'console');
const BAD = 'bad.example/';
const PHONE = { width: 400, height: 800 };
const DESK = { width: 1440, height: 900 };

describe('console: forms', { skip: missingPeer('chromium') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let tab: WatchedTab;
  let page: Page;
  let base: string;

  before(async () => {
    const built = await runChild(scope, process.execPath, ['scripts/console.ts']);
    assert.equal(built.code, 0, built.stderr);
    await mkdir(SCREENSHOTS, { recursive: true });
    gateway = await startGateway(scope, { config: { egress: { allowDestinations: ['127.0.0.0/8'] } } });
    base = `https://127.0.0.1:${gateway.ports.https}`;
    tab = await openTab(scope, base, { viewport: DESK });
    ({ page } = tab);
    await page.goto(`${base}/console/access`);
    await signIn(page, ADMIN_PASSWORD);
    await page.getByRole('navigation').waitFor();
  });
  after(() => scope.close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const visit = async (path: string, heading: string) => {
    await page.goto(`${base}/console/${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  };
  const marks = async () =>
    ((await gateway.ask('ssh', 'revocation', 'list')) as { mark: string; reason: string }[]).map(
      ({ mark, reason }) => [mark, reason],
    );

  test('a certificate is revoked for SSH with the reason, and taken again', async () => {
    await visit('access', 'Users and tokens');
    await page.getByText('Nothing is revoked').waitFor();
    await button('Revoke').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Key or certificate').fill('what is this');
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Key or certificate').fill('serial:42');
    await dialog.getByLabel('Why').fill('stolen laptop');
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('cell', { name: 'serial:42', exact: true }).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.deepEqual(await marks(), [['serial:42', 'stolen laptop']]);
    await button('Remove: serial:42').click();
    await button('Take it again').click();
    await page.getByText('Nothing is revoked').waitFor();
    assert.deepEqual(await marks(), []);
  });

  for (const api of ['v5', 'v4'] as const) {
    test(`a Safe Browsing server is subscribed to by ${api}, with its key, and its lists are looked up`, async () => {
      const fake = safeBrowsingServer({ bad: [BAD], waitMs: 0, cacheMs: 60_000, negativeMs: 60_000 });
      const server = await plainServer(scope, fake.answer);
      await visit('feeds', 'Feeds and lists');
      await button('Add a feed').click();
      await page.getByLabel('Name', { exact: true }).fill(`upstream-${api}`);
      await page.getByLabel('Kind').selectOption('safe-browsing');
      assert.equal(await page.getByLabel('URL').inputValue(), 'https://safebrowsing.googleapis.com/');
      await page.getByLabel('URL').fill(`${server.url}/`);
      await page.getByLabel('Version of its API').selectOption(api);
      await page.getByLabel('API key').fill('the key of this gateway');
      await assertAccessible(page, 'the form for a Safe Browsing server');
      await button('Add').click();
      const row = page.getByRole('row').filter({ hasText: `upstream-${api}` });
      await row.getByText('ok', { exact: true }).waitFor();
      assert.deepEqual([...new Set(fake.seen.map(({ key }) => key))], ['the key of this gateway']);
      assert.ok(fake.seen.every(({ path }) => path.startsWith(`/${api}/`)));

      await page.getByLabel('Value').fill('http://bad.example/login');
      const verdict = page.getByText(/^(?:malicious|unknown)$/).first();
      // Edges read new lists a moment after control has them, and no lookup waits for a slow server.
      do {
        await button('Look up').click();
        await verdict.waitFor();
      } while ((await verdict.textContent()) === 'unknown');
      await page
        .getByRole('cell', { name: `upstream-${api}` })
        .first()
        .waitFor();
      await button(`Remove: upstream-${api}`).click();
      await button('Remove').click();
      await button(`Remove: upstream-${api}`).waitFor({ state: 'detached' });
    });
  }

  test('what no list knows is judged by the model, where it is looked up and where it is tried', async () => {
    await visit('feeds', 'Feeds and lists');
    await page.getByLabel('Value').fill('https://account-verify.micros0ft-support.example/login');
    await button('Look up').click();
    await page.getByText('No list knows it.').waitFor();
    await page.getByRole('heading', { name: 'What the model thinks of it' }).waitFor();
    await page.getByText(/^Score \d/).waitFor();
    await assertAccessible(page, 'what is known about a URL');
    await page.screenshot({ path: join(SCREENSHOTS, 'lookup-light.png') });
    await page.getByLabel('Value').fill('10.1.2.3');
    await button('Look up').click();
    await page.getByText(/^Score \d/).waitFor({ state: 'detached' });
    await visit('policy', 'Policy');
    await page.getByLabel('URL').fill('account-verify.micros0ft-support.example/login');
    await button('Try').click();
    await page.getByText('Every rule that was tried').waitFor();
    await page.getByText(/^Score \d/).waitFor();
  });

  test('every dialog is accessible in both themes, and fits a phone', async () => {
    const dialogs: readonly (readonly [path: string, open: string, more?: string])[] = [
      ['access', 'Add a user'],
      ['access', 'Create a token'],
      ['access', 'Revoke'],
      ['access', 'Password: admin'],
      ['access', 'Second factor: admin'],
      ['access', 'SSH keys: admin'],
      ['access', 'Role: admin'],
      ['access', 'Remove: admin'],
      ['alerts', 'Add a rule'],
      ['certificates', 'Import… Server certificate'],
      ['certificates', 'Import… Authority of this gateway'],
      ['exports', 'Add a list'],
      ['exports', 'Add a collection'],
      ['feeds', 'Add a feed'],
      ['feeds', 'Add a feed', 'safe-browsing'],
      ['feeds', 'Import a list'],
      ['feeds', 'Add an entry'],
      ['scan-rules', 'Add a rule set'],
      ['targets', 'Add a target'],
    ];
    for (const [path, open, kind] of dialogs) {
      await page.goto(`${base}/console/${path}`);
      await button(open).click();
      const dialog = page.getByRole('dialog');
      if (kind !== undefined) await dialog.getByLabel('Kind').selectOption(kind);
      const name = `dialog-${`${path} ${open} ${kind ?? ''}`.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await assertAccessible(page, `${name}, ${colorScheme}`);
        await page.screenshot({ path: join(SCREENSHOTS, `${name}${colorScheme}.png`) });
      }
      await page.setViewportSize(PHONE);
      const over: unknown = await page.evaluate(
        "{ const it = document.querySelector('dialog'); it.scrollWidth - it.clientWidth }",
      );
      assert.ok(Number(over) <= 0, `${name} is ${String(over)} px too wide`);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}phone.png`) });
      await page.setViewportSize(DESK);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }
  });

  test('nothing was loaded from elsewhere, and no policy of the browser was broken', () => {
    assert.deepEqual(tab.faults, []);
  });
});
