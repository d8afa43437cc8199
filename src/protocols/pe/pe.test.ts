import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { peOf, type PeParts, sourceOf } from '../../../test/support/pe.ts';
import { type PeFile, readPe } from './index.ts';

function peIn(bytes: Buffer): PeFile {
  const result = readPe(sourceOf(bytes));
  assert.ok(result.kind === 'pe', JSON.stringify(result));
  return result.pe;
}

test('headers, sections, imports, exports and what is behind the sections are read', () => {
  for (const is64 of [false, true]) {
    const parts: PeParts = {
      is64,
      imports: { 'KERNEL32.dll': ['ExitProcess', 'LoadLibraryA'], 'WS2_32.dll': ['#115', '#4242'] },
      exports: ['DoIt', 'Undo'],
      overlay: Buffer.from('behind'),
    };
    const pe = peIn(peOf(parts));
    assert.equal(pe.headers.Machine, is64 ? 0x8664 : 0x14c);
    assert.equal(pe.headers.ImageBase, is64 ? 0x1_4000_0000 : 0x40_0000);
    assert.equal(pe.headers.DllCharacteristics, 0x8140);
    assert.deepEqual(
      pe.sections.map(({ name, virtualAddress }) => [name, virtualAddress]),
      [
        ['.text', 0x1000],
        ['.idata', 0x2000],
      ],
    );
    assert.deepEqual(pe.libraries, [
      { name: 'KERNEL32.dll', symbols: ['ExitProcess', 'LoadLibraryA'] },
      { name: 'WS2_32.dll', symbols: ['ord115', 'ord4242'] },
    ]);
    const named = 'kernel32.exitprocess,kernel32.loadlibrarya,ws2_32.wsastartup,ws2_32.ord4242';
    assert.equal(pe.imphash, createHash('md5').update(named).digest('hex'));
    assert.deepEqual(pe.exports, { name: 'made.dll', count: 2, symbols: ['DoIt', 'Undo'] });
    assert.deepEqual([pe.overlay.size, pe.entrySection, pe.isSigned], [6, 0, false]);
    assert.deepEqual(pe.anomalies, []);
  }
});

test('entropy is nought for one byte value and eight for all alike', () => {
  const even = Buffer.from(Array.from({ length: 4096 }, (_, at) => at % 256));
  const pe = peIn(
    peOf({
      sections: [
        { name: 'same', bytes: Buffer.alloc(1024, 7) },
        { name: 'even', bytes: even },
      ],
    }),
  );
  assert.deepEqual(
    pe.sections.slice(0, 2).map(({ entropy }) => entropy),
    [0, 8],
  );
});

test('packers are told by their sections, and what is written and run by its flags', () => {
  const pe = peIn(peOf({ sections: [{ name: 'UPX0', bytes: Buffer.alloc(512), flags: 0xe000_0020 }] }));
  assert.deepEqual(pe.packers, ['UPX']);
  assert.deepEqual(pe.anomalies, ['section UPX0 can be written and run']);
});

test('what is no PE file says why', () => {
  const whole = peOf();
  const table: readonly (readonly [Buffer, string])[] = [
    [Buffer.alloc(0), 'no MZ at the start'],
    [Buffer.from('\x7fELF'), 'no MZ at the start'],
    [Buffer.from('MZ'), 'the headers are cut off'],
    [whole.subarray(0, 0x90), 'the headers are cut off'],
    [whole.subarray(0, 0x70), 'no PE signature where the DOS header says'],
    [
      changed(whole, (bytes) => bytes.writeUInt32LE(0xffff_fff0, 60)),
      'no PE signature where the DOS header says',
    ],
    [changed(whole, (bytes) => bytes.writeUInt16LE(0x107, 0x98)), 'neither PE32 nor PE32+'],
  ];
  for (const [bytes, why] of table) assert.deepEqual(readPe(sourceOf(bytes)), { kind: 'not-pe', why });
});

test('lies about counts, places and sizes have an answer', () => {
  const whole = peOf({ imports: { 'a.dll': ['b'] } });
  const sections = changed(whole, (bytes) => bytes.writeUInt16LE(0xffff, 0x86));
  assert.ok(peIn(sections).anomalies.includes('fewer sections than the header says'));
  const outside = changed(whole, (bytes) => bytes.writeUInt32LE(0xffff_0000, 0x178 + 20));
  assert.ok(peIn(outside).anomalies.includes('section .text ends behind the file'));
  const over = changed(whole, (bytes) => bytes.writeUInt32LE(0x200, 0x178 + 40 + 20));
  assert.ok(peIn(over).anomalies.some((text) => text.endsWith('lie over each other')));
  const imports = changed(whole, (bytes) => bytes.writeUInt32LE(0x7fff_ffff, 0x98 + 96 + 8));
  assert.equal(peIn(imports).imports, 0);
  const directories = changed(whole, (bytes) => bytes.writeUInt32LE(0xffff_ffff, 0x98 + 92));
  assert.ok(peIn(directories).anomalies.includes('an unusual number of data directories'));
});

test('a resource tree that leads back to itself ends', () => {
  const tree = Buffer.alloc(64);
  tree.writeUInt16LE(3, 14);
  for (const entry of [0, 1, 2]) {
    tree.writeUInt32LE(entry, 16 + entry * 8);
    tree.writeUInt32LE(0x8000_0000, 20 + entry * 8);
  }
  const bytes = changed(peOf({ sections: [{ name: '.rsrc', bytes: tree }] }), (file) => {
    file.writeUInt32LE(0x1000, 0x98 + 96 + 16);
  });
  assert.equal(peIn(bytes).resources.count, 0);
});

test('of a file of 2 GiB a bounded part is read', () => {
  const start = peOf({ sections: [{ name: 'huge', bytes: Buffer.alloc(64) }] });
  start.writeUInt32LE(0x7fff_0000, 0x178 + 16);
  let read = 0;
  const result = readPe({
    size: 2 ** 31,
    read(at, length) {
      read += length;
      return at >= start.length
        ? Buffer.alloc(length)
        : Buffer.concat([start, Buffer.alloc(length)]).subarray(at, at + length);
    },
  });
  assert.equal(result.kind, 'pe');
  assert.ok(read < 80 * 1024 * 1024, `${read} bytes were read`);
});

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}
