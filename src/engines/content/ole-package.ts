/** A file that was put into a document as an OLE package, with what it was called. */
export interface Package {
  readonly name: string;
  readonly bytes: Buffer;
}

const NAME_MAX = 1024;
const PACKAGE = 2;

/**
 * The native data of a package: 2, label, path, two numbers, path of a copy, length, the file. `undefined`: it is the
 * native data of something else.
 */
export function packageIn(native: Buffer): Package | undefined {
  if (native.length < 16 || native.readUInt16LE(0) !== PACKAGE) return undefined;
  const label = textAt(native, 2);
  if (label === undefined) return undefined;
  const path = textAt(native, label.end);
  if (path === undefined || path.end + 8 > native.length) return undefined;
  const at = path.end + 8 + native.readUInt32LE(path.end + 4);
  if (at + 4 > native.length) return undefined;
  const length = native.readUInt32LE(at);
  return { name: label.text, bytes: native.subarray(at + 4, at + 4 + length) };
}

/** The stream `\x01Ole10Native`: its length, then native data ([MS-OLEDS] §2.3.6). */
export function nativeIn(stream: Buffer): Buffer {
  return stream.subarray(4, 4 + (stream.length < 4 ? 0 : stream.readUInt32LE(0)));
}

/** An embedded object of OLE 1 ([MS-OLEDS] §2.2.5): version, kind, three names, native data. */
export function embeddedIn(object: Buffer): Buffer | undefined {
  let at = 8;
  for (let name = 0; name < 3; name++) {
    if (at + 4 > object.length) return undefined;
    const length = object.readUInt32LE(at);
    if (length > NAME_MAX) return undefined;
    at += 4 + length;
  }
  if (at + 4 > object.length) return undefined;
  return object.subarray(at + 4, at + 4 + object.readUInt32LE(at));
}

function textAt(bytes: Buffer, from: number): { readonly text: string; readonly end: number } | undefined {
  const end = bytes.indexOf(0, from);
  if (end < 0 || end - from > NAME_MAX) return undefined;
  return { text: bytes.toString('latin1', from, end), end: end + 1 };
}
