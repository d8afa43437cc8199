import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, givenOf, ofType } from './feed-draft.ts';

test('what is empty, or belongs to another kind, is not sent', () => {
  const feed = {
    ...EMPTY,
    name: 'urls',
    url: ' https://feeds.example/a ',
    user: 'kept from before',
    only: 'x',
  };
  assert.deepEqual(givenOf(feed), {
    name: 'urls',
    url: 'https://feeds.example/a',
    type: 'list',
    action: 'block',
  });
  assert.deepEqual(givenOf({ ...feed, auth: 'url', secret: 's' }), {
    name: 'urls',
    url: 'https://feeds.example/a',
    type: 'list',
    action: 'block',
    auth: 'url',
    secret: 's',
  });
});

test('a Safe Browsing server begins as that of Google, whose key is sent in its field', () => {
  const google = ofType({ ...EMPTY, name: 'google' }, 'safe-browsing');
  const base = { name: 'google', type: 'safe-browsing', action: 'block', api: 'v5' };
  const url = 'https://safebrowsing.googleapis.com/';
  assert.deepEqual(givenOf(google), { ...base, url });
  assert.deepEqual(givenOf({ ...google, secret: 'key', api: 'v4', only: 'MALWARE, SOCIAL_ENGINEERING' }), {
    ...base,
    url,
    api: 'v4',
    auth: 'header',
    header: 'X-Goog-Api-Key',
    secret: 'key',
    only: ['MALWARE', 'SOCIAL_ENGINEERING'],
  });
  assert.equal(ofType(google, 'taxii').url, '');
  assert.equal(ofType({ ...google, url: 'https://other.example/' }, 'taxii').url, 'https://other.example/');
});
