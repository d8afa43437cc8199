/** A real browser through the forward proxy. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { BrowserContext } from 'playwright-core';
import { page, text, webSocketEcho } from '../support/behaviours.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { missingPeer, peerPath } from '../support/peers.ts';
import { openScope, tempDir } from '../support/scope.ts';

const SCREENSHOTS = join(import.meta.dirname, '..', '..', 'test-results');
const LISTED = 'login-bank.phishing.example';

describe('Chromium', { skip: missingPeer('chromium') }, () => {
  const scope = openScope();
  let gateway: Gateway;
  let origin: Origin;
  let browser: BrowserContext;

  before(async () => {
    origin = await startOrigin(scope, {
      '/': page(
        '<title>Local</title><link rel="stylesheet" href="/style.css"><h1>An unlisted page</h1><p id="q"></p><script src="/script.js"></script>',
      ),
      '/style.css': text('h1 { color: rgb(1, 2, 3) }', ['Content-Type: text/css']),
      '/script.js': text('document.querySelector("#q").textContent = "script ran"', [
        'Content-Type: text/javascript',
      ]),
      '/socket': webSocketEcho,
    });
    const list = join(await tempDir(scope), 'phishing.txt');
    await writeFile(list, `${LISTED}\n`);
    gateway = await startGateway(scope, {
      config: {
        egress: { allowDestinations: ['127.0.0.0/8'] },
        // The browser goes to ws:// by CONNECT.
        forwardProxy: { connectPorts: [443, origin.port] },
        blockPage: { organization: 'Example Corp', contact: 'helpdesk@example.test' },
      },
    });
    const imported = await gateway.command(
      'feed',
      'import',
      list,
      '--format',
      'plain',
      '--category',
      'phishing',
    );
    assert.equal(imported.code, 0, imported.stderr);
    const profile = await tempDir(scope, 'chromium');
    await mkdir(SCREENSHOTS, { recursive: true });
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: peerPath('chromium'),
      headless: true,
      env: { ...process.env, HOME: profile },
      // Without `<-loopback>` the browser goes to loopback itself.
      proxy: { server: `http://127.0.0.1:${gateway.proxyPort}`, bypass: '<-loopback>' },
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-features=OptimizationHints,MediaRouter',
      ],
    });
  });
  after(async () => {
    await browser?.close();
    await scope.close();
  });

  test('an unlisted page loads with what belongs to it', async () => {
    const tab = await browser.newPage();
    const response = await tab.goto(`${origin.url}/`);
    assert.equal(response?.status(), 200);
    await tab.waitForFunction('document.querySelector("#q").textContent === "script ran"');
    assert.equal(await tab.innerText('h1'), 'An unlisted page');
    const color: unknown = await tab.evaluate('getComputedStyle(document.querySelector("h1")).color');
    assert.equal(color, 'rgb(1, 2, 3)');
    await tab.screenshot({ path: join(SCREENSHOTS, 'chromium-unlisted.png') });
    for (const { fields } of origin.requests) assert.ok(fields.has('via'), 'a request went around the proxy');
    await tab.close();
  });

  test('a listed name shows the block page that says why', async () => {
    const tab = await browser.newPage();
    const response = await tab.goto(`http://${LISTED}/account?id=1`);
    assert.equal(response?.status(), 403);
    assert.match(response?.headers()['content-type'] ?? '', /^text\/html/);
    const shown = await tab.innerText('body');
    assert.match(shown, /blocked/i);
    assert.ok(shown.includes(LISTED), shown);
    assert.match(shown, /phishing/);
    assert.match(shown, /helpdesk@example\.test/);
    await tab.screenshot({ path: join(SCREENSHOTS, 'chromium-blocked.png') });
    await tab.close();
  });

  test('a WebSocket goes through', async () => {
    const tab = await browser.newPage();
    await tab.goto(`${origin.url}/`);
    const said: unknown = await tab.evaluate(`new Promise((resolve, reject) => {
      const socket = new WebSocket('ws://127.0.0.1:${origin.port}/socket');
      socket.onopen = () => socket.send('are you there');
      socket.onmessage = (event) => { resolve(event.data); socket.close(); };
      socket.onerror = () => reject(new Error('the socket failed'));
    })`);
    assert.equal(said, 'are you there');
    await tab.close();
  });
});
