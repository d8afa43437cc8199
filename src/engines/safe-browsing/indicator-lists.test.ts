import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indicatorLab, SILENT } from '../../../test/support/indicators.ts';
import { scopeOf } from '../../../test/support/scope.ts';
import {
  applyV5Update,
  batchGetHashListsResponse,
  decodeMessage,
  encodeMessage,
  expressionHash,
  NO_LIST,
} from '../../protocols/safe-browsing/index.ts';
import { loadConfig } from '../config/index.ts';
import { createMetrics } from '../telemetry/index.ts';
import { createVerdictEngine } from '../verdict/index.ts';
import { type Audience, createSafeBrowsing, safeBrowsingMetrics, type Threat } from './index.ts';

const { safeBrowsing } = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
const prefixOf = (expression: string): number => Buffer.from(expressionHash(expression)).readUInt32BE();
const sorted = (expressions: readonly string[]) => Uint32Array.from(expressions.map(prefixOf)).toSorted();

test('lists of a store: by category, worst first, without what is allowed or not for everybody', async (t) => {
  const lab = await indicatorLab(scopeOf(t));
  const verdicts = createVerdictEngine(lab);
  const settings = { ...safeBrowsing, entriesMax: 4 };
  const { clock, reader } = lab;
  const metrics = createMetrics(safeBrowsingMetrics);
  const lists = createSafeBrowsing({ reader, verdicts, settings, clock, log: SILENT, metrics });
  const listOf = async (threat: Threat, audience: Audience = 'open') => {
    const request = { threat, audience, token: NO_LIST.token, updateEntriesMax: 0, databaseEntriesMax: 0 };
    const { update } = await lists.updateV5(request);
    const bytes = encodeMessage(batchGetHashListsResponse, { hashLists: [update] });
    const reading = decodeMessage(batchGetHashListsResponse, bytes, { itemsMax: 10 });
    assert.ok(reading.ok);
    const applied = applyV5Update(NO_LIST, reading.value.hashLists[0]!, 100);
    assert.ok(applied.ok);
    return applied.list.prefixes;
  };
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${prefix}${at}.example`);
  const mixed = `${names('phish', 2).join('\n')}\nhttp://phish0.example/a?b\n198.51.100.7\n10.0.0.0/8\n`;
  await lab.add('phish', mixed, { category: 'phishing', severity: 'high' });
  await lab.admin.addLocal({ value: 'phish1.example', action: 'allow' }, 'test');
  assert.deepEqual(
    await listOf('social-engineering'),
    sorted(['phish0.example/', 'phish0.example/a?b', '198.51.100.7/']),
  );

  await lab.add('worst', `${names('worst', 2).join('\n')}\n`, { category: 'botnet', severity: 'critical' });
  await lab.add('bad', `${names('bad', 3).join('\n')}\nworst0.example\n`, {
    category: 'c2',
    severity: 'high',
  });
  await lab.add('weak', `${names('weak', 3).join('\n')}\n`, { category: 'c2', severity: 'low' });
  const worst = ['worst0.example/', 'worst1.example/'];
  const bad = ['bad0.example/', 'bad1.example/', 'bad2.example/', 'worst0.example/'];
  const chosen = await listOf('malware');
  const rest = sorted(bad).slice(0, 2);
  assert.deepEqual(chosen, Uint32Array.from(new Set([...sorted(worst), ...rest])).toSorted());

  await lab.add('shared', 'quiet.example\n', { category: 'stalkerware', severity: 'high', tlp: 'amber' });
  assert.deepEqual(await listOf('harmful-application'), new Uint32Array(0));
  assert.deepEqual(await listOf('harmful-application', 'trusted'), sorted(['quiet.example/']));
});
