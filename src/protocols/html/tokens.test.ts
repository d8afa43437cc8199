import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HtmlToken, htmlTokens } from './index.ts';

const LIMITS = { tokensMax: 1000, attributesMax: 8, valueMax: 100, textMax: 1000 };

/** Tokens as short text: `<a x=1>`, `</a>`, `"text"`, `script"…"`. */
function shown(page: string, limits = LIMITS): string {
  return [...htmlTokens(page, limits)].map(oneShown).join(' ');
}

function oneShown(token: HtmlToken): string {
  if (token.kind === 'text') return `${token.inside}"${token.text}"`;
  if (token.kind === 'end') return `</${token.name}>`;
  return `<${[token.name, ...[...token.attributes].map(([key, value]) => `${key}=${value}`)].join(' ')}>`;
}

test('tags, attributes and text as browsers see them', () => {
  for (const [page, expected] of [
    ['<p>a</p>', '<p> "a" </p>'],
    ['<INPUT Type=PassWord name="a b" x=\'1\' disabled>', '<input type=PassWord name=a b x=1 disabled=>'],
    ['<a href=x/y>t', '<a href=x/y> "t"'],
    ['<br/><img src=1/>', '<br> <img src=1/>'],
    ['<a x=1 x=2>', '<a x=1>'],
    ['<a\n\thref = "1">', '<a href=1>'],
    ['a < b', '"a < b"'],
    ['1<2', '"1<2"'],
    ['<!-- <p> -->x', '"x"'],
    ['<!-->x', '"x"'],
    ['<!DOCTYPE html><p>', '<p>'],
    ['<?php x ?>y', '"y"'],
    ['</>x</1>y', '"x" "y"'],
    ['<title>a &amp; <b></title>c', '<title> title"a & <b>" </title> "c"'],
    [
      '<script>if (a</b/.x) "</scripty>"</SCRIPT >x',
      '<script> script"if (a</b/.x) "</scripty>"" </script> "x"',
    ],
    ['&lt;p&gt; &#112;&#x61;y &#0; &bogus;', '"<p> pay \u{fffd} &bogus;"'],
    ['<a href="java&Tab;script&colon;x">', '<a href=java\tscript:x>'],
    ['<p', '<p>'],
    ['<p a', '<p a=>'],
    ['<p a="', '<p a=>'],
    ['<!-- never closed <p>', ''],
    ['<script>never closed', '<script> script"never closed"'],
  ] as const) {
    assert.equal(shown(page), expected, page);
  }
});

test('every bound holds', () => {
  assert.equal([...htmlTokens('<p>'.repeat(5000), LIMITS)].length, 1000);
  const [tag] = htmlTokens(`<p ${Array.from({ length: 50 }, (_, at) => `a${at}=1`).join(' ')}>`, LIMITS);
  assert.equal(tag?.kind === 'start' && tag.attributes.size, 8);
  const [long] = htmlTokens(`<p a="${'x'.repeat(5000)}">`, LIMITS);
  assert.equal(long?.kind === 'start' && long.attributes.get('a')?.length, 100);
  const [text] = htmlTokens('y'.repeat(5000), LIMITS);
  assert.equal(text?.kind === 'text' && text.text.length, 1000);
});
