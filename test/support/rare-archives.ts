import { crc32, deflateSync } from 'node:zlib';

/** Archives of formats that no program here writes, stored and as small as their specifications allow. */

/** RAR 4: marker, archive head, one stored file. */
export function rarOf(name: string, bytes: Buffer, how: { readonly encrypted?: boolean } = {}): Buffer {
  const block = (type: number, flags: number, rest: Buffer): Buffer => {
    const head = Buffer.alloc(7 + rest.length);
    head[2] = type;
    head.writeUInt16LE(flags, 3);
    head.writeUInt16LE(head.length, 5);
    rest.copy(head, 7);
    head.writeUInt16LE(crc32(head.subarray(2)) & 0xffff, 0);
    return head;
  };
  const file = Buffer.alloc(25 + name.length);
  file.writeUInt32LE(bytes.length, 0);
  file.writeUInt32LE(bytes.length, 4);
  file[8] = 3;
  file.writeUInt32LE(crc32(bytes), 9);
  file.writeUInt32LE(0x5a21_0000, 13);
  file[17] = 20;
  file[18] = 0x30;
  file.writeUInt16LE(name.length, 19);
  file.writeUInt32LE(0x81a4, 21);
  file.write(name, 25);
  return Buffer.concat([
    Buffer.from('526172211a0700', 'hex'),
    block(0x73, 0, Buffer.alloc(6)),
    block(0x74, 0x8000 | (how.encrypted === true ? 4 : 0), file),
    bytes,
    block(0x7b, 0x4000, Buffer.alloc(0)),
  ]);
}

/** A cabinet with one folder that is not compressed ([MS-CAB] §2). */
export function cabOf(name: string, bytes: Buffer): Buffer {
  const file = Buffer.alloc(16 + name.length + 1);
  file.writeUInt32LE(bytes.length, 0);
  file.writeUInt16LE(0x20, 14);
  file.write(name, 16);
  const dataAt = 36 + 8 + file.length;
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 32_768) {
    const piece = bytes.subarray(at, at + 32_768);
    const head = Buffer.alloc(8);
    head.writeUInt16LE(piece.length, 4);
    head.writeUInt16LE(piece.length, 6);
    blocks.push(head, piece);
  }
  const data = Buffer.concat(blocks);
  const head = Buffer.alloc(36);
  head.write('MSCF');
  head.writeUInt32LE(dataAt + data.length, 8);
  head.writeUInt32LE(36 + 8, 16);
  head[24] = 3;
  head[25] = 1;
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(1, 28);
  const folder = Buffer.alloc(8);
  folder.writeUInt32LE(dataAt, 0);
  folder.writeUInt16LE(blocks.length / 2, 4);
  return Buffer.concat([head, folder, file, data]);
}

/** LHA, head of level 0, method `-lh0-`. */
export function lzhOf(name: string, bytes: Buffer): Buffer {
  const head = Buffer.alloc(22 + name.length + 2);
  head[0] = head.length - 2;
  head.write('-lh0-', 2);
  head.writeUInt32LE(bytes.length, 7);
  head.writeUInt32LE(bytes.length, 11);
  head.writeUInt32LE(0x5a21_0000, 15);
  head[19] = 0x20;
  head[21] = name.length;
  head.write(name, 22);
  head.writeUInt16LE(crc16(bytes), 22 + name.length);
  head[1] = head.subarray(2).reduce((sum, byte) => (sum + byte) & 0xff, 0);
  return Buffer.concat([head, bytes, Buffer.from([0])]);
}

function crc16(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0xa001;
  }
  return sum;
}

/** ARJ, one stored file. */
export function arjOf(name: string, bytes: Buffer): Buffer {
  const block = (first: Buffer, text: string): Buffer => {
    const body = Buffer.concat([first, Buffer.from(`${text}\0\0`)]);
    const head = Buffer.alloc(4);
    head.writeUInt16LE(0xea60, 0);
    head.writeUInt16LE(body.length, 2);
    const sum = Buffer.alloc(6);
    sum.writeUInt32LE(crc32(body), 0);
    return Buffer.concat([head, body, sum]);
  };
  const main = Buffer.alloc(30);
  main.set([30, 11, 1, 0, 0, 0, 2]);
  const file = Buffer.alloc(30);
  file.set([30, 11, 1, 0, 0, 0, 0]);
  file.writeUInt32LE(bytes.length, 12);
  file.writeUInt32LE(bytes.length, 16);
  file.writeUInt32LE(crc32(bytes), 20);
  return Buffer.concat([block(main, 'x.arj'), block(file, name), bytes, Buffer.from([0x60, 0xea, 0, 0])]);
}

/** CPIO of SVR4 without checksums. */
export function cpioOf(name: string, bytes: Buffer): Buffer {
  const entry = (path: string, content: Buffer): Buffer => {
    const hex = (value: number): string => value.toString(16).padStart(8, '0');
    const fields = [1, 0x81a4, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length + 1, 0];
    const head = Buffer.from(`070701${fields.map(hex).join('')}${path}\0`);
    return Buffer.concat([padded(head, 4), padded(content, 4)]);
  };
  return Buffer.concat([entry(name, bytes), entry('TRAILER!!!', Buffer.alloc(0))]);
}

function padded(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}

/** XAR: a table of contents in packed XML, and a heap. */
export function xarOf(name: string, bytes: Buffer): Buffer {
  const toc = Buffer.from(
    `<?xml version="1.0"?><xar><toc><file id="1"><data><length>${bytes.length}</length><offset>0</offset><size>${bytes.length}</size><encoding style="application/octet-stream"/></data><type>file</type><name>${name}</name></file></toc></xar>`,
  );
  const packed = deflateSync(toc);
  const head = Buffer.alloc(28);
  head.write('xar!');
  head.writeUInt16BE(28, 4);
  head.writeUInt16BE(1, 6);
  head.writeBigUInt64BE(BigInt(packed.length), 8);
  head.writeBigUInt64BE(BigInt(toc.length), 16);
  return Buffer.concat([head, packed, bytes]);
}

/** A floppy of FAT12 with one file in its root folder; the name in the form `NAME    EXT`. */
export function fatOf(name: string, bytes: Buffer): Buffer {
  const sectors = 2880;
  const image = Buffer.alloc(sectors * 512);
  image.set([0xeb, 0x3c, 0x90]);
  image.write('MSDOS5.0', 3);
  image.writeUInt16LE(512, 11);
  image[13] = 1;
  image.writeUInt16LE(1, 14);
  image[16] = 2;
  image.writeUInt16LE(224, 17);
  image.writeUInt16LE(sectors, 19);
  image[21] = 0xf0;
  image.writeUInt16LE(9, 22);
  image.writeUInt16LE(18, 24);
  image.writeUInt16LE(2, 26);
  image[38] = 0x29;
  image.write('NO NAME    FAT12   ', 43);
  image.writeUInt16LE(0xaa55, 510);
  const clusters = Math.ceil(bytes.length / 512);
  for (const table of [512, 512 * 10]) {
    const set = (cluster: number, value: number): void => {
      const at = table + Math.floor(cluster * 1.5);
      const word = image.readUInt16LE(at);
      image.writeUInt16LE((cluster & 1) === 0 ? (word & 0xf000) | value : (word & 0x000f) | (value << 4), at);
    };
    set(0, 0xff0);
    set(1, 0xfff);
    for (let at = 0; at < clusters; at++) set(2 + at, at + 1 < clusters ? 3 + at : 0xfff);
  }
  const root = 512 * 19;
  image.write(name, root);
  image[root + 11] = 0x20;
  image.writeUInt16LE(2, root + 26);
  image.writeUInt32LE(bytes.length, root + 28);
  bytes.copy(image, 512 * 33);
  return image;
}

/** A disk of fixed size: the disk itself, and behind it a footer. */
export function vhdOf(disk: Buffer): Buffer {
  const footer = Buffer.alloc(512);
  footer.write('conectix');
  footer.writeUInt32BE(2, 8);
  footer.writeUInt32BE(0x0001_0000, 12);
  footer.fill(0xff, 16, 24);
  footer.writeBigUInt64BE(BigInt(disk.length), 40);
  footer.writeBigUInt64BE(BigInt(disk.length), 48);
  footer.writeUInt32BE(2, 60);
  footer.writeUInt32BE(~footer.reduce((sum, byte) => sum + byte, 0) >>> 0, 64);
  return Buffer.concat([disk, footer]);
}

/** `winmail.dat` with one attachment. */
export function tnefOf(name: string, bytes: Buffer): Buffer {
  const attribute = (level: number, id: number, data: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head[0] = level;
    head.writeUInt32LE(id, 1);
    head.writeUInt32LE(data.length, 5);
    const sum = Buffer.alloc(2);
    sum.writeUInt16LE(data.reduce((total, byte) => (total + byte) & 0xffff, 0));
    return Buffer.concat([head, data, sum]);
  };
  return Buffer.concat([
    Buffer.from('789f3e220100', 'hex'),
    attribute(1, 0x0002_800c, Buffer.from('text of the message\0')),
    attribute(2, 0x0006_9002, Buffer.alloc(14)),
    attribute(2, 0x0006_800f, bytes),
    attribute(2, 0x0001_8010, Buffer.from(`${name}\0`)),
  ]);
}

/** A section of OneNote with one file in it. */
export function oneNoteOf(bytes: Buffer): Buffer {
  const head = Buffer.alloc(36);
  Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex').copy(head);
  head.writeBigUInt64LE(BigInt(bytes.length), 16);
  return Buffer.concat([
    Buffer.from('e4525c7b8cd8a74daeb15378d02996d3', 'hex'),
    Buffer.alloc(1000),
    head,
    bytes,
    Buffer.alloc(100),
  ]);
}

/** Native data of an OLE package. */
export function packageOf(name: string, bytes: Buffer): Buffer {
  const length = (value: number): Buffer => {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(value);
    return word;
  };
  const path = Buffer.from(`C:\\Temp\\${name}\0`);
  return Buffer.concat([
    Buffer.from([2, 0]),
    Buffer.from(`${name}\0`),
    path,
    Buffer.from([0, 0, 3, 0]),
    length(path.length),
    path,
    length(bytes.length),
    bytes,
  ]);
}
