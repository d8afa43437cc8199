import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../config/index.ts';
import { type Listable, type Threat, threatMapping } from './categories.ts';

const { safeBrowsing } = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });

test('each category has its list, and weak indicators have none', () => {
  const threatOf = threatMapping(safeBrowsing);
  for (const [category, rest, wanted] of [
    ['phishing', {}, 'social-engineering'],
    ['Phishing site', {}, 'social-engineering'],
    ['crypto_scam', {}, 'social-engineering'],
    ['social-engineering', {}, 'social-engineering'],
    ['social_networks', {}, undefined],
    ['malware', {}, 'malware'],
    ['', {}, 'malware'],
    ['cobalt strike', {}, 'malware'],
    ['malware', { severity: 'low' }, undefined],
    ['malware', { confidence: 49 }, undefined],
    ['malware', { confidence: 50, severity: 'medium' }, 'malware'],
    ['adware', { severity: 'low' }, 'unwanted-software'],
    ['cryptojacking', {}, 'unwanted-software'],
    ['stalkerware', {}, 'harmful-application'],
    ['gambling', { severity: 'critical' }, undefined],
  ] as const satisfies readonly (readonly [string, Partial<Listable>, Threat | undefined])[]) {
    const entry = { category, severity: 'high', confidence: 100, ...rest } as const;
    assert.equal(threatOf(entry), wanted, category);
  }
});
