/** Pages of the console for certificates, backups and the bundle for support. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { makeCertificate, type TestCertificate } from '../support/authority.ts';
import { assertAccessible, openTab, type WatchedTab, signIn, untilTrue } from '../support/browser.ts';
import { runChild } from '../support/child.ts';
import { ADMIN_PASSWORD, type Gateway, startGateway } from '../support/gateway.ts';
import { missingPeer } from '../support/peers.ts';
import { openScope, tempDir } from '../support/scope.ts';

const PASSPHRASE = 'the passphrase of the backup';
const SCREENSHOTS = join(import.meta.dirname, '..', '..', 'test-results', 'console');

describe('console: certificates and backups', { skip: missingPeer('chromium', 'openssl') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let own: TestCertificate;
  let tab: WatchedTab;
  let page: Page;
  let base: string;
  let dir: string;

  before(async () => {
    const built = await runChild(scope, process.execPath, ['scripts/console.ts']);
    assert.equal(built.code, 0, built.stderr);
    await mkdir(SCREENSHOTS, { recursive: true });
    dir = await tempDir(scope);
    own = await makeCertificate(scope);
    gateway = await startGateway(scope);
    base = `https://127.0.0.1:${gateway.ports.https}`;
    tab = await openTab(scope, base, { viewport: { width: 1440, height: 900 } });
    ({ page } = tab);
    await page.goto(`${base}/console/certificates`);
    await signIn(page, ADMIN_PASSWORD);
    await page.getByRole('heading', { name: 'Certificates', level: 1 }).waitFor();
  });
  after(() => scope.close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const look = async (name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`) });
      await assertAccessible(page, `${name}, ${colorScheme}`);
    }
  };

  test('a certificate is imported, refused with the reason, and given up', async () => {
    await button('Import… Server certificate').click();
    await page.getByLabel('Certificate', { exact: true }).fill(own.cert);
    const wrong = (await makeCertificate(scope)).key;
    writeFileSync(join(dir, 'key.pem'), wrong);
    await page.getByLabel('Private key, from a file').setInputFiles(join(dir, 'key.pem'));
    await untilTrue(page, `document.querySelectorAll('textarea')[1].value.includes('PRIVATE KEY')`);
    await button('Import').click();
    await page.getByText('the key is not the key of the first certificate').waitFor();
    await look('certificate-import');
    await page.getByLabel('Private key', { exact: true }).fill(own.key);
    await button('Import').click();
    await page.getByText('The certificate is shown from now on').waitFor();
    await page.getByText('(imported)').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await look('certificates-imported');
    await button('Give up').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give up' }).click();
    await page.getByText('A certificate of the authority is shown again').waitFor();
    await page.getByText('(imported)').waitFor({ state: 'detached' });
  });

  test('another authority wants to be confirmed', async () => {
    await button('Import… Authority of this gateway').click();
    await page.getByLabel('Certificate', { exact: true }).fill(own.caPem);
    await page.getByLabel('Private key', { exact: true }).fill(own.caKey);
    assert.equal(await button('Import').getAttribute('aria-disabled'), 'true');
    await page.getByLabel('Clients can trust the new authority').check();
    await look('authority-import');
    await button('Import').click();
    await page.getByText('CN=Test CA').first().waitFor();
    const rows = (await gateway.ask('show', 'certificates')) as { readonly issuer: string }[];
    assert.deepEqual(
      rows.map(({ issuer }) => issuer),
      ['CN=Test CA', 'CN=Test CA'],
    );
  });

  test('a backup and a bundle are downloaded, by keyboard alone', async () => {
    await page.goto(`${base}/console/backup`);
    await page.getByRole('heading', { name: 'Backup and support', level: 1 }).waitFor();
    await page.getByLabel('Passphrase', { exact: true }).focus();
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press('Tab');
    await page.keyboard.type('something else');
    await page.getByText('It is not the same').waitFor();
    await look('backup-differs');
    await page.keyboard.press('Control+A');
    await page.keyboard.type(PASSPHRASE);
    const file = join(dir, 'gateway.spb');
    const [backup] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    assert.match(backup.suggestedFilename(), /^sallyport-backup-\d{4}-\d\d-\d\d\.spb$/);
    await backup.saveAs(file);
    assert.equal(readFileSync(file).subarray(0, 4).toString(), 'SPB1');
    await page.getByText(/The backup is downloaded/).waitFor();
    await untilTrue(page, `document.querySelector('input[type=password]').value === ''`);

    await page.getByLabel('With the end of the access log').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    const packed = join(dir, 'support.tar.gz');
    const [bundle] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    await bundle.saveAs(packed);
    const names = execFileSync('tar', ['-tzf', packed], { encoding: 'utf8' });
    assert.match(names, /sallyport\/access\.log/);
  });

  test('an operator sees certificates, and is told who may take a backup', async () => {
    const phrase = join(dir, 'phrase');
    writeFileSync(phrase, 'a long phrase of zoe\n', { mode: 0o600 });
    await gateway.ask('user', 'add', 'zoe', '--role', 'operator', '--password-file', phrase);
    await page.context().clearCookies();
    await page.goto(`${base}/console/backup`);
    await page.getByLabel('User name').fill('zoe');
    await page.getByLabel('Password').fill('a long phrase of zoe');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Only an admin can download these.').waitFor();
    assert.equal(await button('Download: Backup').count(), 0);
    await look('backup-operator');
    await page.goto(`${base}/console/certificates`);
    await page.getByText('What a client would complain about').waitFor();
    assert.equal(await button('Import… Server certificate').count(), 0);
  });

  test('nothing was loaded from elsewhere, and no policy of the browser was broken', () => {
    assert.deepEqual(tab.faults, []);
  });
});
