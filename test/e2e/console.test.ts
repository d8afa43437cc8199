/** A person at the console: from the first run to a request that was blocked, explained and allowed. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { totpAt } from '../../src/engines/identity/totp.ts';
import { text } from '../support/behaviours.ts';
import { assertAccessible, openTab, type WatchedTab, signIn, untilTrue } from '../support/browser.ts';
import { runChild } from '../support/child.ts';
import { ADMIN_PASSWORD, type Gateway, startGateway } from '../support/gateway.ts';
import { type Origin, startOrigin } from '../support/origin.ts';
import { missingPeer } from '../support/peers.ts';
import { openScope, tempDir } from '../support/scope.ts';

const SCREENSHOTS = join(import.meta.dirname, '..', '..', 'test-results', 'console');
const NEW_PASSWORD = 'a password of my own 1';
const FIRST_LOAD_BYTES_MAX = 60 * 1024;
const TOTP_STEP_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PHONE = { width: 400, height: 800 };
const DESK = { width: 1440, height: 900 };

describe('console', { skip: missingPeer('chromium') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;
  let tab: WatchedTab;
  let page: Page;
  let base: string;
  let list: string;

  before(async () => {
    const built = await runChild(scope, process.execPath, ['scripts/console.ts']);
    assert.equal(built.code, 0, built.stderr);
    origin = await startOrigin(scope, { '/listed': text('it passed'), '/other': text('never listed') });
    list = join(await tempDir(scope), 'my-list.txt');
    await writeFile(list, `http://127.0.0.1:${origin.port}/listed\n`);
    gateway = await startGateway(scope, { config: { egress: { allowDestinations: ['127.0.0.0/8'] } } });
    base = `https://127.0.0.1:${gateway.ports.https}`;
    tab = await openTab(scope, base, { viewport: DESK });
    ({ page } = tab);
    await mkdir(SCREENSHOTS, { recursive: true });
  });
  after(() => scope.close());

  const throughProxy = async (path: string) => {
    const answer = await runChild(scope, 'curl', [
      '-s',
      '-x',
      `http://127.0.0.1:${gateway.proxyPort}`,
      '-w',
      '\n%{http_code}',
      `http://127.0.0.1:${origin.port}${path}`,
    ]);
    const lines = answer.stdout.trimEnd().split('\n');
    return { status: Number(lines.at(-1)), body: lines.slice(0, -1).join('\n') };
  };
  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const heading = (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

  test('a wrong password is refused in words, the right one leads to the set-up of a new gateway', async (t) => {
    await page.goto(`${base}/`);
    assert.equal(new URL(page.url()).pathname, '/console/');
    await heading('Sign in');
    await signIn(page, 'not the password');
    await page.getByText('User name or password is wrong.').waitFor();
    await page.getByLabel('Password').fill(ADMIN_PASSWORD);
    await button('Sign in').click();
    await heading('Set-up');
    const loaded = [...tab.bytes].filter(([path]) => path.startsWith('/console/'));
    const total = loaded.reduce((sum, [, bytes]) => sum + bytes, 0);
    t.diagnostic(`first load, as it comes over the line: ${total} bytes in ${loaded.length} files`);
    assert.ok(total > 0 && total < FIRST_LOAD_BYTES_MAX, `${total} bytes: ${JSON.stringify(loaded)}`);
  });

  test('the set-up: password, networks, authority, first feed, first policy', async () => {
    await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
    await page.getByLabel('Once more').fill(NEW_PASSWORD);
    await button('Set password').click();
    await page.getByText('10.0.0.0/8', { exact: true }).waitFor();
    await button('Next').click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the authority' }).click();
    assert.equal((await download).suggestedFilename(), 'sallyport-ca.crt');
    await button('Next').click();
    await button('Import a list file').click();
    await page.getByLabel('List file').setInputFiles(list);
    await page.getByLabel('Category').fill('phishing');
    await button('Import a list').click();
    await page.getByText('1 entries are in my-list now').waitFor();
    await page.getByLabel(/Also warn before/).check();
    await button('Use this policy').click();
    await page.getByRole('heading', { name: 'The gateway is ready' }).waitFor();
    await button('To the overview').click();
    await heading('Overview');
  });

  test('a blocked request is in the log, is explained, and is allowed in two clicks', async () => {
    assert.equal((await throughProxy('/listed')).status, 403);
    await page.getByRole('link', { name: 'Log', exact: true }).click();
    await heading('Log');
    await button('Live').click();
    const row = page.getByRole('row').filter({ hasText: '/listed' }).first();
    await row.waitFor();
    await row.getByRole('button').first().click();
    await page.getByText('is listed as phishing on the list my-list').first().waitFor();
    await page.getByText('Every rule that was tried').click();
    await page.getByText('the request is not CONNECT').waitFor();
    await page.getByRole('heading', { name: 'What the model thinks of it' }).waitFor();
    await assertAccessible(page, 'why a request was blocked');
    await button('Allow it…').click();
    await page.getByLabel('Note').fill('ticket 4711');
    await page.screenshot({ path: join(SCREENSHOTS, 'allow.png') });
    await assertAccessible(page, 'the question whether to allow');
    await button('Allow').click();
    await page.getByText('It would be allowed now.').waitFor();
    assert.deepEqual(await throughProxy('/listed'), { status: 200, body: 'it passed' });
    const entries = (await gateway.ask('show', 'indicators')) as {
      local: { note: string; action: string }[];
    };
    assert.deepEqual(
      entries.local.map(({ action, note }) => [action, note]),
      [['allow', 'ticket 4711']],
    );
  });

  test('a rule that blocks gets an exception before it, with what changes shown first', async () => {
    const rule = `- { name: no-other, when: { url: "127.0.0.1/other" }, then: block }`;
    const policy = join(await tempDir(scope), 'policy.yaml');
    await writeFile(policy, `version: 1\nrules:\n  ${rule}\ndefault: allow\n`);
    await gateway.ask('policy', 'apply', policy);
    assert.equal((await throughProxy('/other')).status, 403);
    await page.goto(`${base}/console/log?rule=no-other`);
    await button('Live').click();
    const row = page.getByRole('row').filter({ hasText: '/other' }).first();
    await row.getByRole('button').first().click();
    await button('Allow it…').click();
    await page.getByText('+   - name: allow-127-0-0-1').waitFor();
    await button('Allow').click();
    await page.getByText('It would be allowed now.').waitFor();
    assert.equal((await throughProxy('/other')).status, 200);
  });

  test('faults of a policy stand at their lines, and nothing is put in force', async () => {
    await page.goto(`${base}/console/policy`);
    const editor = page.getByRole('textbox', { name: 'Document' });
    await editor.fill(
      'version: 1\nrules:\n  - name: a\n    when: { hst: x }\n    then: block\ndefault: allow\n',
    );
    await button('Line 4').click();
    await page.getByText('Did you mean `host`?').waitFor();
    assert.equal(await button('Put in force…').getAttribute('aria-disabled'), 'true');
    await editor.fill(
      'version: 1\nrules:\n  - name: a\n    when: { host: x.example }\n    then: block\ndefault: allow\n',
    );
    await button('Put in force…').click();
    await button('Apply').click();
    await button('Keep it').click();
    await page.getByText('The policy stays').waitFor();
    const shown = (await gateway.ask('policy', 'show')) as { text: string; confirmUntil: unknown };
    assert.match(shown.text, /x\.example/);
    assert.equal(shown.confirmUntil, null);
  });

  test('every page is accessible in both themes, and fits a phone', async () => {
    const links = page.getByRole('navigation').getByRole('link');
    const paths = await links.evaluateAll((all) => all.map((each) => each.getAttribute('href') ?? ''));
    assert.ok(paths.length > 10, paths.join(' '));
    for (const path of [...paths, '/console/setup']) {
      await page.setViewportSize(DESK);
      await page.goto(base + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      // All that the page asks for is there.
      await untilTrue(page, `document.querySelector('main .loading') === null`);
      const name = path.replace('/console/', '') || 'overview';
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`), fullPage: true });
        await assertAccessible(page, `${name}, ${colorScheme}`);
      }
      await page.setViewportSize(PHONE);
      const over: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok(Number(over) <= 0, `${name} is ${String(over)} px too wide`);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-phone.png`), fullPage: true });
      await assertAccessible(page, `${name}, on a phone`);
    }
    await page.setViewportSize(DESK);
  });

  test('by keyboard: the skip link, the pages, the focus at the heading, Escape back to the row', async () => {
    await page.goto(`${base}/console/log`);
    await heading('Log');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'To the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.closest("main") !== null'), true);
    const row = page.getByRole('row').filter({ hasText: '/other' }).first().getByRole('button').first();
    await row.focus();
    const label = await focused(page);
    await page.keyboard.press('Enter');
    await button('Close').waitFor();
    await page.keyboard.press('Escape');
    await button('Close').waitFor({ state: 'detached' });
    assert.equal(await focused(page), label);
    await page.getByRole('link', { name: 'Audit' }).focus();
    await page.keyboard.press('Enter');
    await heading('Audit');
    await untilTrue(page, 'document.activeElement?.textContent === "Audit"');
    assert.match(await page.title(), /^Audit/);
  });

  test('in German, numbers and dates too; every page fits a phone', async () => {
    await button('DE').click();
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    await page.getByRole('link', { name: 'Richtlinie' }).click();
    await heading('Richtlinie');
    const links = page.getByRole('navigation').getByRole('link');
    const paths = await links.evaluateAll((all) => all.map((each) => each.getAttribute('href') ?? ''));
    await page.setViewportSize(PHONE);
    for (const path of paths) {
      await page.goto(base + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await untilTrue(page, `document.querySelector('main .loading') === null`);
      const over: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok(Number(over) <= 0, `${path} is ${String(over)} px too wide`);
    }
    await page.setViewportSize(DESK);
    await button('EN').click();
  });

  test('a second factor is made, and a session that somebody ends asks for password and code again', async () => {
    await page.goto(`${base}/console/access`);
    await button('Second factor: admin').click();
    await button('Make a secret').click();
    const secret = bytesOfBase32((await page.getByLabel('Secret for the authenticator').textContent()) ?? '');
    await page.getByLabel('The code that it shows').fill(totpAt(secret, Date.now()));
    await button('Use it from now on').click();
    await page.getByText('admin needs a code from now on').waitFor();
    const rows = (await gateway.ask('show', 'sessions')) as { id: string; kind: string }[];
    for (const { id, kind } of rows) if (kind === 'console') await gateway.ask('session', 'close', id);
    // The light of the health asks from time to time: it may have found out before.
    const audit = page.getByRole('link', { name: 'Audit' });
    await audit
      .or(page.getByRole('heading', { name: 'Sign in', level: 1 }))
      .first()
      .click();
    await heading('Sign in');
    await signIn(page, NEW_PASSWORD);
    await page.getByLabel('Code of your authenticator').waitFor();
    await assertAccessible(page, 'the sign-in with a code');
    // A code is taken once: the next one.
    await page.getByLabel('Code of your authenticator').fill(totpAt(secret, Date.now() + TOTP_STEP_MS));
    await button('Sign in').click();
    await audit.click();
    await heading('Audit');
  });

  test('nothing was loaded from elsewhere, and no policy of the browser was broken', () => {
    assert.deepEqual(tab.faults, []);
  });
});

/** RFC 4648 §6. */
function bytesOfBase32(given: string): Uint8Array {
  const bits = Array.from(given.trim())
    .map((sign) => BASE32.indexOf(sign).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

function focused(page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement?.textContent');
}
