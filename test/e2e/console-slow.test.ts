/** The console on a slow line: nothing is done twice, nothing late is shown, nothing that came is lost; and how long 3G takes. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Request, Route } from 'playwright-core';
import { openTab, signIn, type WatchedTab } from '../support/browser.ts';
import { runChild } from '../support/child.ts';
import { ADMIN_PASSWORD, type Gateway, startGateway } from '../support/gateway.ts';
import { missingPeer } from '../support/peers.ts';
import { openScope, tempDir } from '../support/scope.ts';

const POLICY = `version: 1
rules:
  - { name: never, when: { url: "127.0.0.1/never" }, then: block }
default: allow
`;
/** Longer than the pages that ask again by themselves wait in between. */
const SLOW_MS = 6500;
/** What Chromium's developer tools call slow 3G and fast 3G: bytes a second, and the way there and back. */
const LINES = {
  'slow 3G': { bytesPerS: 50_000, latencyMs: 400 },
  'fast 3G': { bytesPerS: 180_000, latencyMs: 150 },
} as const;

describe('console: a slow line', { skip: missingPeer('chromium') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let tab: WatchedTab;
  let page: Page;
  let base: string;

  before(async () => {
    const built = await runChild(scope, process.execPath, ['scripts/console.ts']);
    assert.equal(built.code, 0, built.stderr);
    gateway = await startGateway(scope, { config: { egress: { allowDestinations: ['127.0.0.0/8'] } } });
    base = `https://127.0.0.1:${gateway.ports.https}`;
    const policy = join(await tempDir(scope), 'policy.yaml');
    await writeFile(policy, POLICY);
    await gateway.ask('policy', 'apply', policy);
    tab = await openTab(scope, base, { viewport: { width: 1440, height: 900 } });
    ({ page } = tab);
    await page.goto(`${base}/console/feeds`);
    await signIn(page, ADMIN_PASSWORD);
    await page.getByRole('navigation').waitFor();
  });
  after(() => scope.close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const refused = (path: string) =>
    runChild(scope, 'curl', [
      '-s',
      '-o',
      '/dev/null',
      '-x',
      `http://127.0.0.1:${gateway.proxyPort}`,
      `http://127.0.0.1/never/${path}`,
    ]);
  /** Keeps requests back until the function that it returns is called; `taken` settles when the first one is there. */
  const hold = async (url: RegExp, method: string) => {
    const held: Request[] = [];
    const taken = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const keep = async (route: Route) => {
      if (route.request().method() !== method) return route.fallback();
      held.push(route.request());
      taken.resolve();
      await gate.promise;
      return route.fallback();
    };
    await page.route(url, keep);
    const release = async () => {
      gate.resolve();
      await page.unroute(url, keep);
    };
    return { held, taken: taken.promise, release };
  };

  test('a form that is sent twice is sent once, and closes no other dialog when it is answered', async () => {
    await page.goto(`${base}/console/feeds`);
    const add = await hold(/\/indicators\/local$/, 'POST');
    await button('Add an entry').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Value').fill('twice.example');
    // Both before the page can draw that it is busy.
    await dialog.evaluate(
      (form) => (form.querySelector('form')?.requestSubmit(), form.querySelector('form')?.requestSubmit()),
    );
    await add.taken;
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await button('Import a list').click();
    await page.getByRole('heading', { name: 'Import a list' }).waitFor();
    await add.release();
    await page.getByRole('cell', { name: 'twice.example', exact: true }).waitFor();
    assert.equal(add.held.length, 1);
    assert.equal(await page.getByRole('heading', { name: 'Import a list' }).count(), 1);
    await page.keyboard.press('Escape');
  });

  test('an answer that takes longer than the page waits between two is shown', async () => {
    const slow = async (route: Route) => {
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      await route.fallback().catch(() => undefined);
    };
    await page.route(/\/feed-subscriptions$/, slow);
    await page.goto(`${base}/console/feeds`);
    await page.getByText('No feeds yet').waitFor();
    await page.unroute(/\/feed-subscriptions$/, slow);
  });

  test('what happens while the first page of the live log is on its way is not lost', async () => {
    await refused('before');
    // It is written a moment later, and the page does not ask again by itself.
    for (let kept = ''; !kept.includes('/never/before'); await sleep(100)) {
      kept = JSON.stringify(await gateway.ask('show', 'events', '--rule', 'never'));
    }
    await page.goto(`${base}/console/log?rule=never`);
    await page.getByRole('row').filter({ hasText: '/never/before' }).waitFor();
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    // Read before the next event is there, handed over after it came by the stream.
    const late = async (route: Route) => {
      const response = await route.fetch();
      asked.resolve();
      await gate.promise;
      await route.fulfill({ response });
    };
    await page.route(/\/api\/v1\/events\?/, late);
    await button('Live').click();
    await asked.promise;
    await refused('meanwhile');
    const meanwhile = page.getByRole('row').filter({ hasText: '/never/meanwhile' });
    await meanwhile.waitFor();
    const answered = page.waitForResponse(/\/api\/v1\/events\?/);
    gate.resolve();
    await (await answered).finished();
    await page.getByRole('region', { name: 'Events' }).and(page.locator('[aria-busy=false]')).waitFor();
    assert.equal(await meanwhile.count(), 1);
    assert.equal(await page.getByRole('row').filter({ hasText: '/never/before' }).count(), 1);
    await page.unroute(/\/api\/v1\/events\?/, late);
  });

  test('a question that was given up says nothing any more', async () => {
    await page.goto(`${base}/console/log?rule=never`);
    await page.getByRole('row').filter({ hasText: '/never/before' }).waitFor();
    const first = await hold(/\/api\/v1\/events\?.*text=before/, 'GET');
    const search = page.getByRole('searchbox');
    await search.fill('before');
    await search.press('Enter');
    await first.taken;
    await search.fill('meanwhile');
    await search.press('Enter');
    await page.getByRole('row').filter({ hasText: '/never/meanwhile' }).waitFor();
    await first.release();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.getByRole('row').filter({ hasText: '/never/before' }).count(), 0);
    await button('Remove the filter Text').click();
    await page.getByRole('row').filter({ hasText: '/never/before' }).waitFor();
    assert.equal(await search.inputValue(), '');
  });

  test('whoever types as soon as the sign-in is seen types into it', async () => {
    await page.context().clearCookies();
    await page.goto(`${base}/console/log`);
    await page.getByLabel('User name').waitFor();
    await page.keyboard.type('admin');
    await page.keyboard.press('Tab');
    await page.keyboard.type(ADMIN_PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Log', level: 1 }).waitFor();
  });

  test('how long it takes by 3G is reported', async (t) => {
    const line = await page.context().newCDPSession(page);
    await line.send('Network.enable');
    for (const [name, { bytesPerS, latencyMs }] of Object.entries(LINES)) {
      await line.send('Network.clearBrowserCache');
      await line.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: latencyMs,
        downloadThroughput: bytesPerS,
        uploadThroughput: bytesPerS,
      });
      let from = performance.now();
      await page.goto(`${base}/console/log?rule=never`);
      const painted: unknown = await page.evaluate(
        `performance.getEntriesByName('first-contentful-paint')[0]?.startTime`,
      );
      await page.getByRole('row').filter({ hasText: '/never/before' }).waitFor();
      const firstMs = performance.now() - from;
      from = performance.now();
      await page.getByRole('searchbox').fill('meanwhile');
      await page.getByRole('searchbox').press('Enter');
      await page.getByRole('row').filter({ hasText: '/never/before' }).waitFor({ state: 'detached' });
      await page.getByRole('row').filter({ hasText: '/never/meanwhile' }).waitFor();
      const searchMs = performance.now() - from;
      from = performance.now();
      await page.getByRole('link', { name: 'Policy' }).click();
      await page.getByRole('textbox', { name: 'Document' }).waitFor();
      const pageMs = performance.now() - from;
      const loaded = [...tab.bytes].filter(([path]) => path.startsWith('/console/'));
      const bytes = loaded.reduce((sum, [, size]) => sum + size, 0);
      t.diagnostic(
        `${name}: first paint ${Math.round(Number(painted))} ms, log with its events ${Math.round(firstMs)} ms, ` +
          `search ${Math.round(searchMs)} ms, another page ${Math.round(pageMs)} ms; ${bytes} bytes so far`,
      );
    }
    await line.detach();
  });

  test('nothing was loaded from elsewhere, and no policy of the browser was broken', () => {
    assert.deepEqual(tab.faults, []);
  });
});
