import { gzipSync } from 'node:zlib';
import { EICAR } from './icap-client.ts';
import { zipOf } from './zip.ts';

/** One bad file in ever more paper, and two that nobody can look into. */
export function icapSamples() {
  const zip = zipOf([['eicar.com', EICAR]]);
  const clean = zipOf([['readme.txt', Buffer.from('nothing bad in here\n'.repeat(50))]]);
  return {
    eicar: EICAR,
    zipped: zip,
    nested: gzipSync(tarOf('inner.zip', zip)),
    clean,
    encrypted: encrypted(clean),
    damaged: damaged(clean),
  };
}

/** One file in the format of POSIX 1003.1 (ustar). */
function tarOf(name: string, bytes: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512), Buffer.alloc(1024)]);
}

/** Bit 0 of the general purpose flag says it (APPNOTE 4.4.4), in the local header and in the directory. */
function encrypted(zip: Buffer): Buffer {
  const copy = Buffer.from(zip);
  copy[6]! |= 1;
  copy[copy.indexOf('PK\x01\x02', 0, 'latin1') + 8]! |= 1;
  return copy;
}

/** Its deflated bytes are noise. */
function damaged(zip: Buffer): Buffer {
  const copy = Buffer.from(zip);
  const from = 30 + copy.readUInt16LE(26) + copy.readUInt16LE(28);
  const to = copy.indexOf('PK\x01\x02', 0, 'latin1');
  copy.fill(0xa5, from, Math.min(to, from + 16));
  return copy;
}
