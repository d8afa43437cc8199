import { crc32, deflateRawSync } from 'node:zlib';

/** One entry of a ZIP, with everything that a hostile one may say otherwise. */
export interface ZipPart {
  readonly name: string;
  readonly bytes?: Buffer | string;
  readonly stored?: boolean;
  readonly encrypted?: boolean;
  /** Sizes and checksum stand behind the data. */
  readonly descriptor?: boolean;
  /** In the header before the data alone. */
  readonly localName?: string;
  readonly localMethod?: number;
  readonly size?: number;
  readonly crc?: number;
  /** Not in the directory. */
  readonly hidden?: boolean;
}

export function zipOf(
  parts: readonly ZipPart[],
  shape: { readonly wide?: boolean; readonly directory?: boolean; readonly comment?: string } = {},
): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const { head, record } = zipPart(part, at);
    bodies.push(head);
    at += head.length;
    if (part.hidden !== true) directory.push(record);
  }
  if (shape.directory === false) return Buffer.concat(bodies);
  const list = Buffer.concat(directory);
  const tail: Buffer[] = [];
  if (shape.wide === true) tail.push(wideEnd(directory.length, list.length, at));
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  const small = shape.wide !== true;
  end.writeUInt16LE(small ? directory.length : 0xffff, 8);
  end.writeUInt16LE(small ? directory.length : 0xffff, 10);
  end.writeUInt32LE(small ? list.length : 0xffff_ffff, 12);
  end.writeUInt32LE(small ? at : 0xffff_ffff, 16);
  const comment = Buffer.from(shape.comment ?? '');
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...bodies, list, ...tail, end, comment]);
}

function zipPart(part: ZipPart, at: number): { head: Buffer; record: Buffer } {
  const plain = Buffer.from(part.bytes ?? '');
  const packed = part.stored === true ? plain : deflateRawSync(plain);
  const method = part.stored === true ? 0 : 8;
  const flags = (part.encrypted === true ? 1 : 0) | (part.descriptor === true ? 8 : 0) | 0x0800;
  const crc = part.crc ?? crc32(plain);
  const size = part.size ?? plain.length;
  const name = Buffer.from(part.name);
  const localName = Buffer.from(part.localName ?? part.name);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x0403_4b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(flags, 6);
  head.writeUInt16LE(part.localMethod ?? method, 8);
  if (part.descriptor !== true) {
    head.writeUInt32LE(crc, 14);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(size, 22);
  }
  head.writeUInt16LE(localName.length, 26);
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x0201_4b50, 0);
  record.writeUInt16LE(flags, 8);
  record.writeUInt16LE(method, 10);
  record.writeUInt32LE(crc, 16);
  record.writeUInt32LE(packed.length, 20);
  record.writeUInt32LE(size, 24);
  record.writeUInt16LE(name.length, 28);
  record.writeUInt32LE(at, 42);
  const descriptor = Buffer.alloc(part.descriptor === true ? 16 : 0);
  if (part.descriptor === true) {
    descriptor.writeUInt32LE(0x0807_4b50, 0);
    descriptor.writeUInt32LE(crc, 4);
    descriptor.writeUInt32LE(packed.length, 8);
    descriptor.writeUInt32LE(size, 12);
  }
  return {
    head: Buffer.concat([head, localName, packed, descriptor]),
    record: Buffer.concat([record, name]),
  };
}

function wideEnd(count: number, size: number, at: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x0606_4b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(at), 48);
  record.writeUInt32LE(0x0706_4b50, 56);
  record.writeBigUInt64LE(BigInt(at + size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

/** A compound file with streams of storages: `VBA/Module1`. Each stream is filled up to 4096 bytes or more. */
export function compoundOf(streams: Readonly<Record<string, Buffer>>): Buffer {
  const sector = 512;
  const entries: { name: string; kind: number; child: number; right: number; first: number; size: number }[] =
    [{ name: 'Root Entry', kind: 5, child: -1, right: -1, first: -2, size: 0 }];
  const storages = new Map<string, number>([['', 0]]);
  const put = (path: string, entry: { kind: number; first: number; size: number }): number => {
    const cut = path.lastIndexOf('/');
    const parentPath = cut < 0 ? '' : path.slice(0, cut);
    const parent = storages.get(parentPath) ?? put(parentPath, { kind: 1, first: 0, size: 0 });
    const index = entries.push({ name: path.slice(cut + 1), child: -1, right: -1, ...entry }) - 1;
    entries[index]!.right = entries[parent]!.child;
    entries[parent]!.child = index;
    if (entry.kind === 1) storages.set(path, index);
    return index;
  };
  const data: Buffer[] = [];
  const table: number[] = [];
  for (const [path, content] of Object.entries(streams)) {
    const size = Math.max(4096, content.length);
    const sectors = Math.ceil(size / sector);
    const first = table.length;
    for (let at = 0; at < sectors; at++) table.push(at + 1 < sectors ? first + at + 1 : -2);
    const bytes = Buffer.alloc(sectors * sector);
    content.copy(bytes);
    data.push(bytes);
    put(path, { kind: 2, first, size });
  }
  const directorySectors = Math.ceil((entries.length * 128) / sector);
  const directoryAt = table.length;
  for (let at = 0; at < directorySectors; at++)
    table.push(at + 1 < directorySectors ? directoryAt + at + 1 : -2);
  const tableAt = table.length;
  table.push(-3);
  if (table.length > 128) throw new Error('the builder writes one table sector');
  const directory = Buffer.alloc(directorySectors * sector);
  for (const [index, entry] of entries.entries()) {
    const at = index * 128;
    const name = Buffer.from(`${entry.name}\0`, 'utf16le');
    name.copy(directory, at);
    directory.writeUInt16LE(name.length, at + 64);
    directory[at + 66] = entry.kind;
    directory.writeInt32LE(-1, at + 68);
    directory.writeInt32LE(entry.right, at + 72);
    directory.writeInt32LE(entry.child, at + 76);
    directory.writeInt32LE(entry.first, at + 116);
    directory.writeUInt32LE(entry.size, at + 120);
  }
  const words = Buffer.alloc(sector, 0xff);
  for (const [at, next] of table.entries()) words.writeInt32LE(next, at * 4);
  const head = Buffer.alloc(sector, 0xff);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(head);
  head.fill(0, 8, 76);
  head.writeUInt16LE(0x3e, 24);
  head.writeUInt16LE(3, 26);
  head.writeUInt16LE(0xfffe, 28);
  head.writeUInt16LE(9, 30);
  head.writeUInt16LE(6, 32);
  head.writeUInt32LE(1, 44);
  head.writeInt32LE(directoryAt, 48);
  head.writeUInt32LE(4096, 56);
  head.writeInt32LE(-2, 60);
  head.writeInt32LE(-2, 68);
  head.writeInt32LE(tableAt, 76);
  return Buffer.concat([head, ...data, directory, words]);
}

/** A module of macros, packed as [MS-OVBA] has it but without copies: flag bytes of zero and plain bytes. */
export function macroStream(source: string): Buffer {
  const text = Buffer.from(source, 'latin1');
  const chunks: Buffer[] = [Buffer.from('performance cache of the module'), Buffer.from([1])];
  for (let at = 0; at < text.length; at += 3000) {
    const plain = text.subarray(at, at + 3000);
    const body: Buffer[] = [];
    for (let from = 0; from < plain.length; from += 8)
      body.push(Buffer.from([0]), plain.subarray(from, from + 8));
    const bytes = Buffer.concat(body);
    const head = Buffer.alloc(2);
    head.writeUInt16LE(0xb000 | (bytes.length + 2 - 3), 0);
    chunks.push(head, bytes);
  }
  return Buffer.concat(chunks);
}

/** A disk image with files in its root folder. */
export function isoOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const sector = 2048;
  const filled = (bytes: Buffer): Buffer =>
    Buffer.concat([bytes, Buffer.alloc((sector - (bytes.length % sector)) % sector)]);
  const record = (name: Buffer, at: number, size: number, folder: boolean): Buffer => {
    const bytes = Buffer.alloc((33 + name.length + 1) & ~1);
    bytes[0] = bytes.length;
    bytes.writeUInt32LE(at, 2);
    bytes.writeUInt32LE(size, 10);
    bytes[25] = folder ? 2 : 0;
    bytes[32] = name.length;
    name.copy(bytes, 33);
    return bytes;
  };
  const rootAt = 18;
  let next = rootAt + 1;
  const records = [
    record(Buffer.from([0]), rootAt, sector, true),
    record(Buffer.from([1]), rootAt, sector, true),
  ];
  const bodies: Buffer[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    records.push(record(Buffer.from(`${name};1`, 'latin1'), next, bytes.length, false));
    bodies.push(filled(bytes));
    next += Math.ceil(bytes.length / sector);
  }
  const descriptor = Buffer.alloc(sector);
  descriptor[0] = 1;
  descriptor.write('CD001\x01', 1, 'latin1');
  record(Buffer.from([0]), rootAt, sector, true).copy(descriptor, 156);
  const last = Buffer.alloc(sector);
  last[0] = 255;
  last.write('CD001\x01', 1, 'latin1');
  return Buffer.concat([
    Buffer.alloc(16 * sector),
    descriptor,
    last,
    filled(Buffer.concat(records)),
    ...bodies,
  ]);
}
