import type { FileTypeName } from './types.ts';

interface Magic {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Bytes that may have any value, as positions in `bytes`. */
  readonly any: readonly number[];
  readonly type: FileTypeName;
}

/** `text` in Latin-1; `?` stands for any byte when `wild`. */
function magic(type: FileTypeName, text: string, offset = 0, wild = false): Magic {
  const any = wild ? text.split('').flatMap((char, at) => (char === '?' ? [at] : [])) : [];
  return { type, offset, bytes: Buffer.from(text, 'latin1'), any };
}

/**
 * Signatures at fixed places, the longer and surer first. From the specifications of the formats, and for
 * those without one from the first bytes that every writer of them produces.
 */
const MAGICS: readonly Magic[] = [
  magic('png', '\x89PNG\r\n\x1a\n'),
  magic('ole', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
  magic('rar', 'Rar!\x1a\x07'),
  magic('7z', "7z\xbc\xaf'\x1c"),
  magic('xz', '\xfd7zXZ\0'),
  magic('deb', '!<arch>\ndebian-binary'),
  magic('ar', '!<arch>\n'),
  magic('sqlite', 'SQLite format 3\0'),
  magic('lnk', 'L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0'),
  magic('onenote', '\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3'),
  magic('asf', '\x30\x26\xb2\x75\x8e\x66\xcf\x11'),
  magic('chm', 'ITSF\x03\0\0\0'),
  magic('vhdx', 'vhdxfile'),
  magic('vhd', 'conectix'),
  magic('vmdk', 'KDMV'),
  magic('vmdk', '# Disk DescriptorFile'),
  magic('qcow2', 'QFI\xfb'),
  magic('udf', 'NSR02', 0x8801),
  magic('udf', 'NSR03', 0x8801),
  magic('iso', 'CD001', 0x8001),
  magic('wim', 'MSWIM\0\0\0'),
  magic('xar', 'xar!\0'),
  magic('squashfs', 'hsqs'),
  magic('squashfs', 'sqsh'),
  magic('squashfs', 'Compressed ROMFS', 16),
  magic('vdi', '\x7f\x10\xda\xbe', 64),
  magic('mslz', 'SZDD\x88\xf0\x27\x33'),
  magic('activemime', 'ActiveMime\0'),
  magic('other-archive', 'ALZ\x01'),
  magic('other-archive', 'EGGA\0\x01'),
  magic('other-archive', 'ArC\x01'),
  magic('other-archive', 'LZIP\x01'),
  magic('other-archive', 'LRZI\0'),
  magic('other-archive', 'RZIP\x02'),
  magic('other-archive', '\x89LZO\0\r\n\x1a\n'),
  magic('other-archive', 'rLau', 10),
  magic('other-archive', 'StuffIt (c)1997-'),
  magic('other-archive', '7kSt\xa0\x31\x83\xd3'),
  magic('other-archive', 'zPQ\x01'),
  magic('other-archive', 'zPQ\x02'),
  magic('other-archive', '\xdc\xa7\xc4\xfd', 20),
  magic('other-archive', 'UHA\x06'),
  magic('other-archive', 'PEA\x01'),
  magic('tar', 'ustar', 257),
  magic('ace', '**ACE**', 7),
  magic('lzh', '-lh?-', 2, true),
  magic('rpm', '\xed\xab\xee\xdb'),
  magic('cab', 'MSCF\0\0\0\0'),
  magic('zip', 'PK\x03\x04'),
  magic('zip', 'PK\x05\x06'),
  magic('zip', 'PK\x07\x08'),
  magic('zip', 'PK00PK\x03\x04'),
  magic('pdf', '%PDF-'),
  magic('rtf', '{\\rt'),
  magic('postscript', '%!PS'),
  magic('postscript', '\xc5\xd0\xd3\xc6'),
  magic('elf', '\x7fELF'),
  magic('macho', '\xfe\xed\xfa\xce'),
  magic('macho', '\xfe\xed\xfa\xcf'),
  magic('macho', '\xce\xfa\xed\xfe'),
  magic('macho', '\xcf\xfa\xed\xfe'),
  magic('dex', 'dex\n???\0', 0, true),
  magic('wasm', '\0asm'),
  magic('gzip', '\x1f\x8b\x08'),
  magic('bzip2', 'BZh?1AY&SY', 0, true),
  magic('bzip2', 'BZh?\x17\x72\x45\x38\x50\x90', 0, true),
  magic('zstd', '\x28\xb5\x2f\xfd'),
  magic('zstd', '?\x2a\x4d\x18', 0, true),
  magic('lz4', '\x04\x22\x4d\x18'),
  magic('lz4', '\x02\x21\x4c\x18'),
  magic('compress-z', '\x1f\x9d'),
  magic('arj', '\x60\xea'),
  magic('cpio', '070701'),
  magic('cpio', '070702'),
  magic('cpio', '070707'),
  magic('jpeg', '\xff\xd8\xff'),
  magic('gif', 'GIF87a'),
  magic('gif', 'GIF89a'),
  magic('tiff', 'II*\0'),
  magic('tiff', 'MM\0*'),
  magic('psd', '8BPS\0\x01'),
  magic('webp', 'RIFF????WEBP', 0, true),
  magic('avi', 'RIFF????AVI ', 0, true),
  magic('wav', 'RIFF????WAVE', 0, true),
  magic('avif', 'ftypavif', 4),
  magic('heic', 'ftyphei', 4),
  magic('heic', 'ftypmif1', 4),
  magic('mov', 'ftypqt', 4),
  magic('mp4', 'ftyp', 4),
  magic('matroska', '\x1a\x45\xdf\xa3'),
  magic('mpeg', '\0\0\x01\xba'),
  magic('mpeg', '\0\0\x01\xb3'),
  magic('flv', 'FLV\x01'),
  magic('swf', 'FWS'),
  magic('swf', 'CWS'),
  magic('swf', 'ZWS'),
  magic('ogg', 'OggS'),
  magic('flac', 'fLaC'),
  magic('mp3', 'ID3'),
  magic('midi', 'MThd'),
  magic('woff', 'wOFF'),
  magic('woff2', 'wOF2'),
  magic('otf', 'OTTO\0'),
  magic('ttf', '\0\x01\0\0\0'),
  magic('registry-hive', 'regf'),
  magic('pcap', '\xd4\xc3\xb2\xa1'),
  magic('pcap', '\xa1\xb2\xc3\xd4'),
  magic('pcap', '\x0a\x0d\x0d\x0a'),
  magic('tnef', '\x78\x9f\x3e\x22'),
];

/** Signatures by their first byte where they stand at the beginning: most files ask a handful. */
const AT_START: readonly (readonly Magic[])[] = Array.from({ length: 256 }, (_, byte) =>
  MAGICS.filter(({ offset, bytes, any }) => offset === 0 && (bytes[0] === byte || any.includes(0))),
);
const ELSEWHERE = MAGICS.filter(({ offset }) => offset > 0);

export function magicType(start: Uint8Array): FileTypeName | undefined {
  const first = start[0];
  if (first === undefined) return undefined;
  return (
    AT_START[first]!.find((each) => stands(each, start))?.type ??
    ELSEWHERE.find((each) => stands(each, start))?.type
  );
}

function stands({ offset, bytes, any }: Magic, start: Uint8Array): boolean {
  if (start.length < offset + bytes.length) return false;
  for (let at = 0; at < bytes.length; at++) {
    if (start[offset + at] !== bytes[at] && !any.includes(at)) return false;
  }
  return true;
}
