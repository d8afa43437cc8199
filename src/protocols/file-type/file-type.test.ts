import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FILE_TYPES, fileTypeOf } from './index.ts';
import type { FileTypeName } from './types.ts';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const at = (offset: number, text: string): Buffer => Buffer.concat([Buffer.alloc(offset), latin(text)]);

/** Local headers of a ZIP with nothing but the names of its entries. */
function zip(...names: readonly string[]): Buffer {
  const parts = names.map((name) => {
    const head = Buffer.alloc(30);
    head.writeUInt32BE(0x504b_0304);
    head.writeUInt16LE(name.length, 26);
    return Buffer.concat([head, latin(name)]);
  });
  return Buffer.concat(parts);
}

function odf(media: string): Buffer {
  return Buffer.concat([zip('mimetype'), latin(media)]);
}

/** The head of a compound file and a directory entry with a name. */
function compound(name: string): Buffer {
  return Buffer.concat([hex('d0cf11e0a1b11ae1'), Buffer.alloc(1016), Buffer.from(name, 'utf16le')]);
}

function mz(peAt: number | undefined): Buffer {
  const bytes = Buffer.alloc(256);
  bytes.write('MZ');
  if (peAt !== undefined) {
    bytes.writeUInt32LE(peAt, 60);
    bytes.write('PE\0\0', peAt, 'latin1');
  }
  return bytes;
}

function ts(): Buffer {
  const bytes = Buffer.alloc(600);
  for (const packet of [0, 188, 376]) bytes[packet] = 0x47;
  return bytes;
}

/** A boot sector of FAT. */
function disk(): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.set(hex('eb3c90'));
  bytes.write('FAT12   ', 54);
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
}

/** What stands at the end of an image of macOS, here alone. */
function koly(): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write('koly');
  bytes.writeUInt32BE(4, 4);
  bytes.writeUInt32BE(512, 8);
  return bytes;
}

/** One beginning for each type, as writers of the format make it. */
const HEADS: Readonly<Record<FileTypeName, Buffer>> = {
  pe: mz(128),
  dos: mz(undefined),
  elf: hex('7f454c46 02010100 0000000000000000 0200 3e00'),
  macho: hex('cffaedfe 07000001 03000000 02000000'),
  'java-class': hex('cafebabe 0000 0034 001d'),
  dex: latin('dex\n035\0'),
  wasm: hex('0061736d 01000000'),
  msi: Buffer.concat([compound('x'), hex('84100c0000000000c000000000000046')]),
  lnk: hex('4c000000 0114020000000000c000000000000046'),
  zip: zip('a.txt'),
  jar: zip('META-INF/', 'META-INF/MANIFEST.MF', 'A.class'),
  apk: zip('META-INF/MANIFEST.MF', 'AndroidManifest.xml', 'classes.dex'),
  gzip: hex('1f8b0800000000000003'),
  bzip2: latin('BZh91AY&SY'),
  xz: hex('fd377a585a00 0004'),
  zstd: hex('28b52ffd 2400'),
  lz4: hex('04224d18 6440'),
  'compress-z': hex('1f9d90'),
  tar: at(257, 'ustar\x0000'),
  '7z': hex('377abcaf271c 0004'),
  rar: hex('526172211a0700 cf'),
  arj: hex('60ea 2c00'),
  cab: hex('4d534346 00000000'),
  ar: latin('!<arch>\nx.o/            '),
  deb: latin('!<arch>\ndebian-binary   '),
  rpm: hex('edabeedb 0300'),
  cpio: latin('0707010000000000'),
  ace: Buffer.concat([hex('00112233445566'), latin('**ACE**')]),
  lzh: latin('\x22\x33-lh5-\x00'),
  lzma: hex('5d00008000 ffffffffffffffff 0000000000'),
  mslz: hex('535a444488f02733 4100'),
  wim: latin('MSWIM\0\0\0\xd0\0\0\0'),
  xar: hex('78617221 001c 0001'),
  'other-archive': latin('LZIP\x01\x0c'),
  vdi: Buffer.concat([latin('<<< Oracle VM VirtualBox Disk Image >>>\n'.padEnd(64, '\0')), hex('7f10dabe')]),
  dmg: koly(),
  squashfs: latin('hsqs\x01\0\0\0'),
  disk: disk(),
  iso: at(0x8001, 'CD001\x01'),
  udf: at(0x8801, 'NSR02\x01'),
  vhd: latin('conectix\0\0'),
  vhdx: latin('vhdxfile'),
  qcow2: hex('514649fb 00000003'),
  vmdk: latin('KDMV\x01\0\0\0'),
  pdf: latin('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'),
  rtf: latin('{\\rtf1\\ansi hello}'),
  docx: zip('[Content_Types].xml', 'word/document.xml'),
  docm: zip('[Content_Types].xml', 'word/document.xml', 'word/vbaProject.bin'),
  xlsx: zip('[Content_Types].xml', 'xl/workbook.xml'),
  xlsm: zip('[Content_Types].xml', 'xl/workbook.xml', 'xl/vbaProject.bin'),
  xlsb: zip('[Content_Types].xml', 'xl/workbook.bin'),
  pptx: zip('[Content_Types].xml', 'ppt/presentation.xml'),
  pptm: zip('[Content_Types].xml', 'ppt/presentation.xml', 'ppt/vbaProject.bin'),
  ole: compound('Something'),
  doc: compound('WordDocument'),
  xls: compound('Workbook'),
  ppt: compound('PowerPoint Document'),
  msg: compound('__properties_version1.0'),
  odt: odf('application/vnd.oasis.opendocument.text'),
  ods: odf('application/vnd.oasis.opendocument.spreadsheet'),
  odp: odf('application/vnd.oasis.opendocument.presentation'),
  epub: odf('application/epub+zip'),
  onenote: hex('e4525c7b8cd8a74daeb15378d02996d3'),
  activemime: latin('ActiveMime\0\0\x01\xf0'),
  chm: latin('ITSF\x03\0\0\0'),
  postscript: latin('%!PS-Adobe-3.0\n'),
  eml: latin('Received: from a by b\r\nFrom: a@example.org\r\nSubject: hello\r\n\r\ntext'),
  mbox: latin('From alice@example.org Sat Jan  3 01:05:34 1996\nFrom: alice@example.org\n\nhello'),
  tnef: hex('789f3e22 0100'),
  png: hex('89504e470d0a1a0a 0000000d49484452'),
  jpeg: hex('ffd8ffe0 00104a464946'),
  gif: latin('GIF89a\x01\0'),
  bmp: hex('424d 46000000 0000 0000 36000000 28000000'),
  tiff: hex('49492a00 08000000'),
  webp: latin('RIFF\x10\0\0\0WEBPVP8 '),
  ico: hex('00000100 0100 1010'),
  avif: latin('\0\0\0\x20ftypavif'),
  heic: latin('\0\0\0\x20ftypheic'),
  psd: latin('8BPS\0\x01'),
  svg: latin('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
  mp4: latin('\0\0\0\x20ftypisom'),
  mov: latin('\0\0\0\x14ftypqt  '),
  matroska: hex('1a45dfa3 9342'),
  avi: latin('RIFF\x10\0\0\0AVI LIST'),
  mpeg: hex('000001ba 44'),
  'mpeg-ts': ts(),
  flv: latin('FLV\x01\x05'),
  swf: latin('CWS\x0a\0\0\0\0'),
  mp3: latin('ID3\x03\0\0\0\0\0\0'),
  ogg: latin('OggS\0\x02'),
  flac: latin('fLaC\0\0\0\x22'),
  wav: latin('RIFF\x10\0\0\0WAVEfmt '),
  midi: latin('MThd\0\0\0\x06'),
  asf: hex('3026b2758e66cf11a6d900aa0062ce6c'),
  woff: latin('wOFF\0\x01\0\0'),
  woff2: latin('wOF2\0\x01\0\0'),
  ttf: hex('00010000 0010 0100'),
  otf: latin('OTTO\0\x0b'),
  shell: latin('#!/bin/sh\necho hello\n'),
  python: latin('#!/usr/bin/env python3\nprint("hello")\n'),
  perl: latin('#!/usr/bin/perl -w\nprint "hello";\n'),
  php: latin('<?php echo "hello";'),
  javascript: latin('const fs = require("fs");\nfunction main() { eval("1"); }\n'),
  vbscript: latin('Option Explicit\r\nDim shell\r\nSet shell = CreateObject("WScript.Shell")\r\n'),
  powershell: latin('param($a)\n$x = New-Object System.Net.WebClient\nInvoke-Expression $a\n'),
  batch: latin('@echo off\r\nsetlocal\r\nset A=%1\r\n'),
  hta: latin('<html><head><hta:application id="x"></head></html>'),
  html: latin('<!DOCTYPE html><html><head><title>x</title></head></html>'),
  xml: latin('<?xml version="1.0"?><a/>'),
  json: latin('{"a": [1, 2, 3]}'),
  pem: latin('-----BEGIN CERTIFICATE-----\nMIIB\n'),
  text: latin('This is a text of no particular kind.\n'),
  sqlite: latin('SQLite format 3\0'),
  'registry-hive': latin('regf\x01\0\0\0'),
  pcap: hex('d4c3b2a1 0200 0400'),
  pyc: hex('550d0d0a 00000000 00000000'),
  empty: Buffer.alloc(0),
  unknown: hex('00fe0102 03fafbfc fdfe8081'),
};

for (const [name, head] of Object.entries(HEADS)) {
  test(`a file that begins as ${name} does is ${name}`, () => {
    // That of `dmg` is at the end.
    assert.deepEqual(fileTypeOf(head, head), FILE_TYPES[name as FileTypeName]);
  });
}

test('volumes without a boot sector are known by what stands behind it', () => {
  const volume = (write: (head: Buffer) => void): string => {
    const bytes = Buffer.alloc(4096);
    write(bytes.subarray(1024));
    return fileTypeOf(bytes).name;
  };
  assert.equal(
    volume((head) => head.set(hex('482b0004'))),
    'disk',
  );
  assert.equal(
    volume((head) => head.set(hex('48580005'))),
    'disk',
  );
  assert.equal(
    volume((head) => head.set(hex('48580007'))),
    'unknown',
  );
  const ext = (head: Buffer): void => head.set(hex('53ef'), 56);
  assert.equal(volume(ext), 'disk');
  assert.equal(
    volume((head) => {
      ext(head);
      head[24] = 7;
    }),
    'unknown',
  );
  const classic = (nameChars: number) => (head: Buffer) => {
    head.write('BD');
    head.writeUInt16BE(8, 18);
    head.writeUInt32BE(512, 20);
    head[36] = nameChars;
  };
  assert.equal(volume(classic(3)), 'other-archive');
  assert.equal(volume(classic(0)), 'unknown');
  assert.equal(fileTypeOf(at(32, 'NXSB')).name, 'disk');
  assert.equal(fileTypeOf(Buffer.concat([latin('ER'.padEnd(512, '\0')), latin('PM\0\0')])).name, 'disk');
});

test('every type has a beginning here, a media type and a family', () => {
  assert.deepEqual(Object.keys(HEADS).toSorted(), Object.keys(FILE_TYPES).toSorted());
  const families = new Set(Object.values(FILE_TYPES).map(({ family }) => family));
  assert.deepEqual([...families].toSorted(), [
    'archive',
    'disk-image',
    'document',
    'executable',
    'image',
    'mail',
    'media',
    'other',
    'script',
    'text',
  ]);
  for (const { name, media } of Object.values(FILE_TYPES)) assert.match(media, /^[a-z]+\/[\w.+-]+$/, name);
});

test('a beginning that is cut anywhere has a type, whatever stands at the end', () => {
  const ends = [Buffer.alloc(0), Buffer.alloc(22, 0x50), HEADS.docm];
  for (const [name, head] of Object.entries(HEADS)) {
    // Long heads are mostly zeros: their own bytes are at the end.
    const lengths = Array.from({ length: Math.min(head.length, 700) + 1 }, (_, less) => head.length - less);
    for (const length of new Set([...lengths, 0, 1, 2, 3, 4, 5, 8, 16])) {
      for (const end of ends) {
        const type = fileTypeOf(head.subarray(0, Math.max(0, length)), end);
        assert.equal(type, FILE_TYPES[type.name as FileTypeName], `${name} cut at ${length}`);
      }
    }
  }
});

test('any bytes behind any beginning have a type', () => {
  const heads = Object.values(HEADS);
  fc.assert(
    fc.property(
      fc.nat(heads.length - 1),
      fc.nat(64),
      fc.uint8Array({ maxLength: 2000 }),
      fc.uint8Array({ maxLength: 200 }),
      (which, keep, noise, end) => {
        const type = fileTypeOf(Buffer.concat([heads[which]!.subarray(0, keep), noise]), end);
        assert.equal(type, FILE_TYPES[type.name as FileTypeName]);
      },
    ),
    { numRuns: 2000 },
  );
});

test('the entries that tell documents apart may stand in the directory at the end', () => {
  const end = Buffer.concat([zip('word/document.xml'), latin('word/vbaProject.bin')]);
  assert.equal(fileTypeOf(zip('[Content_Types].xml'), end).name, 'docm');
});

test('names decide nothing, and texts are told from what only looks like them', () => {
  assert.equal(fileTypeOf(latin('MZ is how this letter begins, and it goes on like one')).name, 'dos');
  assert.equal(fileTypeOf(latin('BM is no picture here\n')).name, 'text');
  assert.equal(fileTypeOf(Buffer.concat([latin('junk before\n'), HEADS.pdf])).name, 'pdf');
  assert.equal(fileTypeOf(Buffer.from('\ufeffplain text', 'utf8')).name, 'text');
  assert.equal(fileTypeOf(Buffer.from('\ufeffplain text', 'utf16le')).name, 'text');
  assert.equal(fileTypeOf(latin('Subject: only one field\n\ntext')).name, 'text');
});
