/** Every column of real files as the tables have it. The files themselves are not ours to ship. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sourceOf } from '../../../test/support/pe.ts';
import { dataPath, missingData } from '../../../test/support/test-data.ts';
import { type PeFile, readPe } from '../../protocols/pe/index.ts';
import { readColumns } from '../prediction/index.ts';
import { rowsOf } from './tables.io.ts';

const TABLE = '01-pe/benign_pe.csv.gz';
/** Unpacked packages of Debian and npm, as the columns `pkg` and `file` name them. */
const SAMPLES = process.env['SALLYPORT_PE_SAMPLES'] ?? '';
const skip =
  missingData(TABLE) || (existsSync(SAMPLES) ? false : 'SALLYPORT_PE_SAMPLES names no folder of the files');

test('headers, sections, directories, imports, overlay and entropy are those of the table', { skip }, () => {
  const rows = new Map(rowsOf(dataPath(TABLE)).map((row) => [row['sha256'], row]));
  let compared = 0;
  for (const entry of readdirSync(SAMPLES, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    const row = rows.get(createHash('sha256').update(bytes).digest('hex'));
    if (row === undefined) continue;
    const result = readPe(sourceOf(bytes));
    assert.ok(result.kind === 'pe', entry.name);
    for (const [column, value] of Object.entries(tableOf(result.pe))) {
      const expected: string = row[column] ?? '';
      if (typeof value === 'string') assert.equal(value, expected, `${entry.name} ${column}`);
      else
        assert.ok(
          Math.abs(value - Number(expected)) <= 2e-6 * Math.max(1, value),
          `${entry.name} ${column}: ${value} ${expected}`,
        );
    }
    compared++;
  }
  assert.ok(compared > 0, 'none of the files of the table is there');
});

function tableOf(pe: PeFile): Readonly<Record<string, number | string>> {
  const { sections, directories } = pe;
  const mean = (of: (section: (typeof sections)[number]) => number): number =>
    sections.reduce((sum, section) => sum + of(section), 0) / sections.length;
  const entropies = sections.map(({ entropy }) => entropy);
  return {
    ...pe.headers,
    SectionsMeanEntropy: mean(({ entropy }) => entropy),
    SectionsMinEntropy: Math.min(...entropies),
    SectionsMaxEntropy: Math.max(...entropies),
    SectionsMeanRawsize: mean(({ rawSize }) => rawSize),
    SectionsMeanVirtualsize: mean(({ virtualSize }) => virtualSize),
    SectionNames: sections.map(({ name }) => name).join(' '),
    ExportDirSize: directories.export.size,
    ImportDirSize: directories.import.size,
    ResourceDirSize: directories.resource.size,
    SecurityDirSize: directories.security.size,
    RelocDirSize: directories.relocation.size,
    DebugDirSize: directories.debug.size,
    TlsDirSize: directories.tls.size,
    LoadConfigSize: directories.loadConfig.size,
    IatSize: directories.iat.size,
    ClrDirSize: directories.clr.size,
    ImportsNbDLL: pe.libraries.length,
    ImportsNb: pe.imports,
    imphash: pe.imphash,
    OverlaySize: pe.overlay.size,
    filesize: pe.size,
    E_file: pe.entropy,
  };
}

test('columns of all tables are understood, as numbers and as texts', () => {
  assert.deepEqual(
    readColumns({ ImageBase: '4194304.0', SizeOfCode: 512, Name: 'x', E_file: '', Magic: null }),
    {
      ImageBase: 4194304,
      SizeOfCode: 512,
    },
  );
  const flags = readColumns({ FH_char0: '0', FH_char1: '1', FH_char12: '1', OH_DLLchar0: 1, ImageBase: '1' });
  assert.deepEqual(flags, { Characteristics: 0x2002, DllCharacteristics: 0x40 });
  assert.equal(readColumns({ SectionNames: '.text .ndata .rsrc' }).isInstaller, 1);
});
