import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SILENT } from '../../../test/support/indicators.ts';
import { scopeOf, type Scope, tempDir } from '../../../test/support/scope.ts';
import { createPredictor, ModelShelf, readModel, writeModel } from './index.ts';

const SHIPPED_DIR = join(import.meta.dirname, '..', '..', '..', 'models');
const NOBODY = { digests: new Set<string>(), keys: [] };

/** The body of the shipped model: any sound one will do. */
function bodyOf(): unknown {
  const bytes = readFileSync(join(SHIPPED_DIR, 'files.model'));
  return JSON.parse(bytes.subarray(bytes.indexOf(0x0a) + 1).toString());
}

async function shelfIn(scope: Scope) {
  const dataDir = await tempDir(scope, 'models');
  return {
    dataDir,
    shelf: new ModelShelf(dataDir),
    file: (version: string) => join(dataDir, 'models', 'files', `${version}.model`),
  };
}

test('the shipped models are those whose digests stand in the code', () => {
  const shelf = new ModelShelf('/nonexistent');
  for (const kind of ['files', 'urls', 'domains'] as const) {
    const model = shelf.open(kind, 'shipped');
    assert.ok(!('refused' in model), kind);
    assert.equal(model.origin, 'shipped');
  }
});

test('a model that nobody signed, or that was changed, or of another kind is refused', () => {
  const bytes = writeModel('files', '9', { a: 1 }, undefined);
  assert.deepEqual(readModel(bytes, 'files', NOBODY), { refused: 'unsigned' });
  assert.deepEqual(readModel(bytes, 'urls', NOBODY), { refused: 'other-kind' });
  const changed = Buffer.from(bytes.toString().replace('{"a":1}', '{"a":2}'));
  assert.deepEqual(readModel(changed, 'files', NOBODY), { refused: 'damaged' });
  for (const junk of ['', '\n', '{}\n{}', 'x'.repeat(5000), '[1]\n']) {
    assert.deepEqual(readModel(Buffer.from(junk), 'files', NOBODY), { refused: 'damaged' });
  }
});

test('a version is signed, put into force, and taken back', async (t) => {
  const { dataDir, shelf } = await shelfIn(scopeOf(t));
  shelf.save('files', 'own-1', bodyOf());
  shelf.save('files', 'own-2', { ...(bodyOf() as object), measured: [] });
  const active = () => shelf.list('files').find((each) => each.active)?.version;
  assert.equal(active(), 'shipped', 'keeping is not activating');
  shelf.activate('files', 'own-2');
  assert.equal(active(), 'own-2');
  assert.equal(createPredictor({ dataDir, log: SILENT }).version('files'), 'own-2');
  shelf.activate('files', 'own-1');
  shelf.rollback('files');
  assert.equal(active(), 'own-2');
  shelf.rollback('files');
  assert.equal(active(), 'shipped');
  assert.throws(() => shelf.rollback('files'), { code: 'PREDICTION_NO_EARLIER' });
  assert.throws(() => shelf.activate('files', 'own-7'), { code: 'PREDICTION_MODEL_UNKNOWN' });
});

test('a model of another gateway or a damaged one is not activated, and one that gets damaged gives way to the one before', async (t) => {
  const scope = scopeOf(t);
  const { dataDir, shelf, file } = await shelfIn(scope);
  const other = await shelfIn(scope);
  other.shelf.save('files', 'own-1', { ...(bodyOf() as object), groups: [] });
  shelf.save('files', 'own-1', { ...(bodyOf() as object), measured: [] });
  shelf.activate('files', 'own-1');
  copyFileSync(other.file('own-1'), file('own-2'));
  assert.throws(() => shelf.activate('files', 'own-2'), { code: 'PREDICTION_MODEL_REFUSED' });
  shelf.save('files', 'own-3', bodyOf());
  shelf.activate('files', 'own-3');
  const bytes = readFileSync(file('own-3'));
  chmodSync(file('own-3'), 0o600);
  bytes[bytes.length - 40] = 0x20;
  writeFileSync(file('own-3'), bytes);
  const refused: string[] = [];
  const model = shelf.active('files', (version) => refused.push(version));
  assert.deepEqual([refused, model?.version], [['own-3'], 'own-1']);
  assert.match(shelf.list('files').find(({ version }) => version === 'own-3')?.refused ?? '', /damaged/);
  assert.equal(createPredictor({ dataDir, log: SILENT }).version('files'), 'own-1');
});

test('without any model nothing is said, and nothing breaks', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope, 'models');
  const empty = join(dataDir, 'none/');
  mkdirSync(empty);
  const predictor = createPredictor({ dataDir, log: SILENT, shippedDir: empty });
  assert.deepEqual(
    [predictor.version('files'), predictor.scorePe({}), predictor.scoreUrl('http://a.example/')],
    [undefined, undefined, undefined],
  );
});

test('a row without any column has a score, and what is known moves it', () => {
  const predictor = createPredictor({ dataDir: '/nonexistent', log: SILENT });
  const nothing = predictor.scorePe({});
  assert.ok(nothing !== undefined && nothing.score >= 0 && nothing.score <= 100);
  const good = predictor.scorePe({
    Characteristics: 0x2102,
    DllCharacteristics: 0x4160,
    Magic: 0x20b,
    CheckSum: 1,
  });
  const bad = predictor.scorePe({
    Characteristics: 0x818f,
    DllCharacteristics: 0,
    Magic: 0x10b,
    E_file: 7.9,
    filesize: 900_000,
  });
  assert.ok(good !== undefined && bad !== undefined && bad.score > good.score);
  assert.ok(bad.reasons.length > 0 && bad.reasons.every(({ weight }) => weight > 0));
});

test('an installer and an EFI program are held where the model has nothing to say', () => {
  const predictor = createPredictor({ dataDir: '/nonexistent', log: SILENT });
  const bad = {
    Characteristics: 0x818f,
    DllCharacteristics: 0,
    Magic: 0x10b,
    E_file: 7.9,
    filesize: 900_000,
    SizeOfCode: 5000,
    SizeOfImage: 500_000,
    SizeOfInitializedData: 80_000,
    SizeOfHeaders: 1024,
    NumberOfSections: 8,
  };
  const free = predictor.scorePe(bad)!;
  for (const [more, feature] of [
    [{ isInstaller: 1 }, 'installer'],
    [{ Subsystem: 10 }, 'efi'],
  ] as const) {
    const held = predictor.scorePe({ ...bad, ...more })!;
    assert.ok(held.score < free.score && held.verdict === 'clean', feature);
    assert.ok(
      held.reasons.some((each) => each.feature === feature),
      feature,
    );
  }
});
