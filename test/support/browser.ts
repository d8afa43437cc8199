import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { peerPath } from './peers.ts';
import type { Scope } from './scope.ts';
import { tempDir } from './scope.ts';

/** A tab that remembers what must not happen. */
export interface WatchedTab {
  readonly page: Page;
  /** Requests to another origin than the first one, violations of the content policy, errors of scripts. */
  readonly faults: readonly string[];
  /** Bytes of bodies as they came over the line, by path. */
  readonly bytes: ReadonlyMap<string, number>;
}

const WAIT_MS = 60_000;
const POLL_MS = 50;

/** Opens Chromium on pages of one origin, whose certificate is not checked. */
export async function openTab(
  scope: Scope,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedTab> {
  const home = await tempDir(scope, 'chromium');
  const browser = await chromium.launch({
    executablePath: peerPath('chromium'),
    headless: true,
    env: { ...process.env, HOME: home },
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  scope.after(() => browser.close());
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  const bytes = new Map<string, number>();
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('blob:')) faults.push(`asked elsewhere: ${url}`);
  });
  page.on('console', (message) => {
    if (/content security policy|trusted ?type/i.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => void faults.push(`${error.message}\n${error.stack ?? ''}`));
  page.on('requestfinished', async (request) => {
    const sizes = await request.sizes().catch(() => undefined);
    if (sizes !== undefined) bytes.set(new URL(request.url()).pathname, sizes.responseBodySize);
  });
  return { page, faults, bytes };
}

/** Fills in the sign-in page of the console. */
export async function signIn(page: Page, password: string, user = 'admin'): Promise<void> {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/**
 * Asks the page until the expression is true. A string given to `waitForFunction` is evaluated by the page itself from
 * the second time on, which its content policy refuses.
 */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  const late = AbortSignal.timeout(WAIT_MS);
  while ((await page.evaluate(expression)) !== true) {
    late.throwIfAborted();
    await setTimeout(POLL_MS);
  }
}

/** What axe-core finds on the page as it is now; every rule that it has on by default. */
export async function assertAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axe.source);
  const found: unknown =
    await page.evaluate(`axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
    id + ': ' + nodes.map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary).join('; ')))`);
  assert.deepEqual(found, [], `accessibility of ${where}`);
}
