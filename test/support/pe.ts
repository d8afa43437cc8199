/** Portable executables made here: whole ones, and ones with lies in their headers. */
export interface PeParts {
  readonly is64?: boolean;
  readonly isLibrary?: boolean;
  readonly dllCharacteristics?: number;
  readonly characteristics?: number;
  readonly subsystem?: number;
  readonly sections?: readonly { readonly name: string; readonly bytes: Buffer; readonly flags?: number }[];
  /** Library → symbols; `#7` is an ordinal. */
  readonly imports?: Readonly<Record<string, readonly string[]>>;
  readonly exports?: readonly string[];
  readonly overlay?: Buffer;
}

const CODE = 0x6000_0020;
const DATA = 0x4000_0040;
const PE_AT = 0x80;
const FILE_ALIGNMENT = 0x200;
const PAGE = 0x1000;

export function peOf(parts: PeParts = {}): Buffer {
  const { is64 = false, sections = [{ name: '.text', bytes: Buffer.alloc(0x400, 0x90), flags: CODE }] } =
    parts;
  const optionalBytes = (is64 ? 112 : 96) + 16 * 8;
  const count = sections.length + 1;
  const headerBytes = aligned(PE_AT + 24 + optionalBytes + count * 40, FILE_ALIGNMENT);
  const dataRva = sections.reduce((rva, { bytes }) => rva + aligned(Math.max(1, bytes.length), PAGE), PAGE);
  const tables = tablesOf(parts, dataRva);
  const all = [...sections, { name: '.idata', bytes: tables.bytes, flags: DATA }];
  const file = Buffer.alloc(headerBytes);
  file.write('MZ', 0, 'latin1');
  file.writeUInt16LE(0x90, 2);
  file.writeUInt32LE(PE_AT, 60);
  file.write('PE\0\0', PE_AT, 'latin1');
  file.writeUInt16LE(is64 ? 0x8664 : 0x14c, PE_AT + 4);
  file.writeUInt16LE(count, PE_AT + 6);
  file.writeUInt16LE(optionalBytes, PE_AT + 20);
  file.writeUInt16LE(parts.characteristics ?? (parts.isLibrary === true ? 0x2102 : 0x102), PE_AT + 22);
  const at = PE_AT + 24;
  file.writeUInt16LE(is64 ? 0x20b : 0x10b, at);
  file.writeUInt32LE(sections[0]?.bytes.length ?? 0, at + 4);
  file.writeUInt32LE(tables.bytes.length, at + 8);
  file.writeUInt32LE(PAGE, at + 16);
  file.writeUInt32LE(PAGE, at + 20);
  if (is64) file.writeBigUInt64LE(0x1_4000_0000n, at + 24);
  else file.writeUInt32LE(0x40_0000, at + 28);
  file.writeUInt32LE(PAGE, at + 32);
  file.writeUInt32LE(FILE_ALIGNMENT, at + 36);
  file.writeUInt32LE(dataRva + aligned(tables.bytes.length, PAGE), at + 56);
  file.writeUInt32LE(headerBytes, at + 60);
  file.writeUInt16LE(parts.subsystem ?? 2, at + 68);
  file.writeUInt16LE(parts.dllCharacteristics ?? 0x8140, at + 70);
  file.writeUInt32LE(16, at + (is64 ? 108 : 92));
  const directories = at + (is64 ? 112 : 96);
  for (const [index, { rva, size }] of [tables.exports, tables.imports].entries()) {
    file.writeUInt32LE(rva, directories + index * 8);
    file.writeUInt32LE(size, directories + index * 8 + 4);
  }
  const bodies: Buffer[] = [];
  let raw = headerBytes;
  let rva = PAGE;
  for (const [index, { name, bytes, flags = CODE }] of all.entries()) {
    const header = at + optionalBytes + index * 40;
    const body = Buffer.alloc(aligned(bytes.length, FILE_ALIGNMENT));
    bytes.copy(body);
    file.write(name.slice(0, 8), header, 'latin1');
    file.writeUInt32LE(bytes.length, header + 8);
    file.writeUInt32LE(rva, header + 12);
    file.writeUInt32LE(body.length, header + 16);
    file.writeUInt32LE(raw, header + 20);
    file.writeUInt32LE(flags, header + 36);
    bodies.push(body);
    raw += body.length;
    rva += aligned(Math.max(1, bytes.length), PAGE);
  }
  return Buffer.concat([file, ...bodies, parts.overlay ?? Buffer.alloc(0)]);
}

export function sourceOf(bytes: Uint8Array) {
  return { size: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length) };
}

/** Import and export tables, for a section at `rva`. */
function tablesOf({ imports = {}, exports = [], is64 = false }: PeParts, rva: number) {
  const bytes = Buffer.alloc(0x4000);
  const libraries = Object.entries(imports);
  let end = (libraries.length + 1) * 20;
  const put = (text: string, before = 0): number => {
    const start = end;
    end += before;
    end += bytes.write(`${text}\0`, end, 'latin1');
    end += end % 2;
    return rva + start;
  };
  for (const [index, [name, symbols]] of libraries.entries()) {
    const step = is64 ? 8 : 4;
    const pointers = symbols.map((symbol) =>
      symbol.startsWith('#') ? Number(symbol.slice(1)) : put(symbol, 2),
    );
    const table = end;
    for (const [place, pointer] of pointers.entries()) {
      const isOrdinal = symbols[place]!.startsWith('#');
      const entry = table + place * step;
      bytes.writeUInt32LE((isOrdinal && !is64 ? 0x8000_0000 : 0) + pointer, entry);
      if (is64) bytes.writeUInt32LE(isOrdinal ? 0x8000_0000 : 0, entry + 4);
    }
    end += (symbols.length + 1) * step;
    bytes.writeUInt32LE(rva + table, index * 20);
    bytes.writeUInt32LE(put(name), index * 20 + 12);
    bytes.writeUInt32LE(rva + table, index * 20 + 16);
  }
  const importSize = libraries.length === 0 ? 0 : (libraries.length + 1) * 20;
  const names = exports.map((name) => put(name));
  const table = end;
  for (const [index, name] of names.entries()) bytes.writeUInt32LE(name, table + index * 4);
  end += names.length * 4;
  const title = put('made.dll');
  const exportAt = end;
  bytes.writeUInt32LE(title, exportAt + 12);
  bytes.writeUInt32LE(exports.length, exportAt + 20);
  bytes.writeUInt32LE(exports.length, exportAt + 24);
  bytes.writeUInt32LE(rva + table, exportAt + 32);
  end += 40;
  return {
    bytes: bytes.subarray(0, end),
    imports: { rva: importSize === 0 ? 0 : rva, size: importSize },
    exports: exports.length === 0 ? { rva: 0, size: 0 } : { rva: rva + exportAt, size: 40 },
  };
}

function aligned(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
