import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { type StatedIndicator, TLPS } from '../../kernel/index.ts';
import { dataPath, missingData } from '../../../test/support/test-data.ts';
import { readStix } from './read.ts';
import type { IndicatorEntry, StixProducer } from './objects.ts';
import { bundleOf, contextObjects, indicatorObject, patternOf } from './write.ts';

const PRODUCER: StixProducer = { name: 'gateway.example', createdMs: Date.UTC(2024, 0, 1) };
const ENTRY: IndicatorEntry = {
  kind: 'domain',
  value: 'evil.example',
  action: 'block',
  category: 'phishing',
  severity: 'high',
  confidence: 80,
  tlp: 'amber+strict',
  addedAtMs: Date.UTC(2024, 1, 1),
  modifiedAtMs: Date.UTC(2024, 1, 2),
  firstSeenMs: Date.UTC(2024, 0, 31),
  lastSeenMs: Date.UTC(2024, 1, 3),
  expiresAtMs: Date.UTC(2025, 0, 1),
  note: "it's a test",
  reference: 'https://report.example/1',
};

test('an entry as an indicator', () => {
  assert.deepEqual(indicatorObject(ENTRY, PRODUCER), {
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--3fb9a3ae-1b0b-53eb-b249-70b88cb1f96a',
    created_by_ref: 'identity--fc5e9689-eb2c-52fc-8a57-51adae5fb00e',
    created: '2024-02-01T00:00:00.000Z',
    modified: '2024-02-02T00:00:00.000Z',
    name: 'evil.example',
    description: "it's a test",
    indicator_types: ['malicious-activity'],
    pattern: "[domain-name:value = 'evil.example']",
    pattern_type: 'stix',
    pattern_version: '2.1',
    valid_from: '2024-01-31T00:00:00.000Z',
    valid_until: '2025-01-01T00:00:00.000Z',
    labels: ['phishing'],
    confidence: 80,
    external_references: [{ source_name: 'reference', url: 'https://report.example/1' }],
    object_marking_refs: ['marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003'],
    extensions: {
      'extension-definition--f5b1f1a4-7a0e-4d6d-8d53-1c6d5f0f6b52': {
        extension_type: 'property-extension',
        kind: 'domain',
        action: 'block',
        category: 'phishing',
        severity: 'high',
        last_seen: '2024-02-03T00:00:00.000Z',
        reference: 'https://report.example/1',
      },
    },
  });
});

test('the id is that of producer, value and action, whatever else changes', () => {
  const { id } = indicatorObject(ENTRY, PRODUCER);
  assert.equal(indicatorObject({ ...ENTRY, confidence: 1, note: '', modifiedAtMs: 5e12 }, PRODUCER).id, id);
  for (const other of [
    indicatorObject({ ...ENTRY, value: 'other.example' }, PRODUCER),
    indicatorObject({ ...ENTRY, kind: 'host' }, PRODUCER),
    indicatorObject({ ...ENTRY, action: 'allow' }, PRODUCER),
    indicatorObject(ENTRY, { ...PRODUCER, name: 'other.example' }),
  ])
    assert.notEqual(other.id, id);
});

test('an expiry at or before the start keeps valid_until later than valid_from', () => {
  const { valid_from, valid_until } = indicatorObject({ ...ENTRY, expiresAtMs: ENTRY.firstSeenMs }, PRODUCER);
  assert.ok(String(valid_from) < String(valid_until));
});

test('patterns, and what has to be escaped in them', () => {
  assert.equal(
    patternOf('url', "evil.example/a'b\\c"),
    "[url:value = 'http://evil.example/a\\'b\\\\c' OR url:value = 'https://evil.example/a\\'b\\\\c']",
  );
  assert.equal(patternOf('network', '2001:db8::/32'), "[ipv6-addr:value ISSUBSET '2001:db8::/32']");
  assert.equal(patternOf('hash', 'a'.repeat(40)), `[file:hashes.'SHA-1' = '${'a'.repeat(40)}']`);
});

const arbitraryEntry: fc.Arbitrary<IndicatorEntry> = fc
  .record({
    what: fc.oneof(
      fc.domain().map((value) => ({ kind: 'domain' as const, value })),
      fc.domain().map((value) => ({ kind: 'host' as const, value })),
      fc
        .tuple(fc.domain(), fc.string({ maxLength: 20 }))
        .map(([host, path]) => ({ kind: 'url' as const, value: `${host}/${path}` })),
      fc.ipV4().map((value) => ({ kind: 'address' as const, value })),
      fc.ipV6().map((value) => ({ kind: 'address' as const, value })),
      fc
        .tuple(fc.ipV4(), fc.integer({ min: 1, max: 31 }))
        .map(([ip, bits]) => ({ kind: 'network' as const, value: `${ip}/${bits}` })),
      fc
        .constantFrom(32, 40, 64)
        .map((length) => ({ kind: 'hash' as const, value: 'ab'.repeat(length / 2) })),
      fc.domain().map((host) => ({ kind: 'email' as const, value: `o'neil@${host}` })),
    ),
    action: fc.constantFrom('block' as const, 'allow' as const),
    category: fc.string({ minLength: 1, maxLength: 20 }),
    severity: fc.constantFrom(
      undefined,
      'low' as const,
      'medium' as const,
      'high' as const,
      'critical' as const,
    ),
    confidence: fc.integer({ min: 0, max: 100 }),
    tlp: fc.constantFrom(...TLPS),
    addedAtMs: fc.integer({ min: 1e12, max: 2e12 }),
    modifiedAtMs: fc.integer({ min: 1e12, max: 2e12 }),
    firstSeenMs: fc.integer({ min: 1e12, max: 2e12 }),
    lastSeenMs: fc.option(fc.integer({ min: 1e12, max: 2e12 }), { nil: undefined }),
    expiresAtMs: fc.option(fc.integer({ min: 2e12 + 1, max: 3e12 }), { nil: undefined }),
    note: fc.string({ maxLength: 100 }).map((text) => text.trim()),
    reference: fc.constantFrom('', 'https://report.example/1', 'ticket 5'),
    isRevoked: fc.boolean(),
  })
  .map(({ what, ...rest }) => ({ ...what, ...rest }));

test('an entry that is written and read is the same entry', () => {
  fc.assert(
    fc.property(arbitraryEntry, (entry) => {
      const object = indicatorObject(entry, PRODUCER);
      const found: StatedIndicator[] = [];
      readStix(
        JSON.parse(JSON.stringify(bundleOf([...contextObjects(PRODUCER, [entry.tlp]), object], PRODUCER))),
        {
          indicator: (each) => found.push(each),
          problem: (problem) => assert.fail(JSON.stringify(problem)),
        },
      );
      const { addedAtMs: _, modifiedAtMs: __, ...stated } = entry;
      const values =
        entry.kind === 'url' ? ['http://', 'https://'].map((scheme) => scheme + entry.value) : [entry.value];
      assert.deepEqual(
        found,
        values.map((value) => ({
          ...stated,
          value,
          reference: entry.reference === '' ? object.id : entry.reference,
        })),
      );
    }),
    { numRuns: 500 },
  );
});

const SCHEMAS = '05-intel/oasis/json-schemas';
test('what is written is valid by the JSON schemas of OASIS', { skip: missingData(SCHEMAS) }, () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, unicodeRegExp: false });
  const ids = new Map<string, string>();
  for (const folder of ['common', 'observables', 'sdos', 'sros']) {
    for (const file of readdirSync(dataPath(join(SCHEMAS, folder)))) {
      const schema = JSON.parse(readFileSync(dataPath(join(SCHEMAS, folder, file)), 'utf8')) as {
        $id: string;
      };
      ajv.addSchema(schema);
      ids.set(file.replace('.json', ''), schema.$id);
    }
  }
  assert.ok(ids.size > 50);
  const check = (schema: string, object: unknown): void => {
    const validate = ajv.getSchema(ids.get(schema)!)!;
    assert.ok(validate(object), `${JSON.stringify(object)}: ${ajv.errorsText(validate.errors)}`);
  };
  for (const object of contextObjects(PRODUCER, TLPS)) check(object.type, object);
  // The schema of bundles has no branch for extension definitions (they fit its two branches for custom objects at
  // once), so it refuses every bundle that has one; each is checked by its own schema above.
  const context = contextObjects(PRODUCER, TLPS).filter(({ type }) => type !== 'extension-definition');
  fc.assert(
    fc.property(arbitraryEntry, (entry) => {
      const indicator = indicatorObject(entry, PRODUCER);
      check('indicator', indicator);
      check('bundle', bundleOf([...context, indicator], PRODUCER));
    }),
    { numRuns: 200 },
  );
  check('bundle', bundleOf([], PRODUCER));
  // The check bites.
  const broken = { ...indicatorObject(ENTRY, PRODUCER), confidence: 101 };
  assert.equal(ajv.validate(ids.get('indicator')!, broken), false);
});
