import { deflateSync } from 'node:zlib';
import { zipOf } from '../../test/support/zip.ts';

/** Kinds of files as they are sent through a gateway all day. */
export const KINDS = ['text', 'html', 'json', 'image', 'office', 'pdf'] as const;
export type FileKind = (typeof KINDS)[number];

/** A file of about that size; each number is another one. Templates are made once: the generator must not be measured. */
export function fileOf(kind: FileKind, bytes: number, number: number): Buffer {
  const key = `${kind} ${bytes}`;
  let template = templates.get(key);
  if (template === undefined) templates.set(key, (template = TEMPLATES[kind](bytes)));
  const file = Buffer.from(template.bytes);
  file.write(number.toString(36).padStart(12, '0'), template.numberAt, 'latin1');
  return file;
}

interface Template {
  readonly bytes: Buffer;
  /** Twelve bytes that may be anything. */
  readonly numberAt: number;
}

const templates = new Map<string, Template>();

const TEMPLATES: Readonly<Record<FileKind, (bytes: number) => Template>> = {
  text: (bytes) => ({ bytes: cut(words(bytes), bytes), numberAt: 0 }),
  html: (bytes) => {
    const lines = ['<!doctype html><html><head><title>000000000000 report</title></head><body>'];
    for (let size = 0, at = 0; size < bytes; at++) {
      const line = `<p class="c${at % 7}">${words(200)}<a href="https://www.example.com/news/${at}?id=${at * 31}">more</a></p>\n`;
      lines.push(line);
      size += line.length;
    }
    return { bytes: cut(lines.join(''), bytes), numberAt: lines[0]!.indexOf('000000000000') };
  },
  json: (bytes) => {
    const items = Array.from({ length: Math.ceil(bytes / 90) }, (_, at) =>
      JSON.stringify({ id: at, name: `item ${at}`, price: at * 1.5, tags: ['a', 'b'], note: words(20) }),
    );
    return { bytes: cut(`{"request":"000000000000","items":[${items.join(',')}]}`, bytes), numberAt: 12 };
  },
  image: (bytes) => {
    const image = Buffer.concat([Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0', 'latin1'), noise(bytes)]);
    return { bytes: image.subarray(0, bytes), numberAt: 100 };
  },
  office: (bytes) => {
    const picture = noise(bytes - 2500);
    const file = zipOf([
      ['[Content_Types].xml', Buffer.from('<?xml version="1.0"?><Types/>')],
      ['word/document.xml', Buffer.from(`<?xml version="1.0"?><w:document>${words(4000)}</w:document>`)],
      ['word/media/image1.jpeg', Buffer.concat([Buffer.from('\xff\xd8\xff\xe0', 'latin1'), picture])],
    ]);
    // The number is the comment of the archive: nothing inside changes with it.
    file.writeUInt16LE(12, file.length - 2);
    return { bytes: Buffer.concat([file, Buffer.alloc(12)]), numberAt: file.length };
  },
  pdf: (bytes) => {
    const page = deflateSync(Buffer.from(words(6000)));
    const picture = noise(bytes - page.length - 500);
    const parts = [
      Buffer.from('%PDF-1.7\n%000000000000\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n'),
      Buffer.from(`3 0 obj\n<< /Length ${page.length} /Filter /FlateDecode >>\nstream\n`),
      page,
      Buffer.from('\nendstream\nendobj\n'),
      Buffer.from(`4 0 obj\n<< /Subtype /Image /Filter /DCTDecode /Length ${picture.length} >>\nstream\n`),
      picture,
      Buffer.from('\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n'),
    ];
    return { bytes: Buffer.concat(parts), numberAt: 10 };
  },
};

const WORDS =
  'the quarterly figures of the northern branch were better than those of last year and the board has agreed to let the plan go on as it was written with two changes'.split(
    ' ',
  );

/** Sentences that do not repeat soon; the same each time. */
function words(chars: number): string {
  let state = 7;
  let text = '';
  while (text.length < chars) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += `${WORDS[(state >>> 16) % WORDS.length]!} ${state % 23 === 0 ? `${state % 1000}.\n` : ''}`;
  }
  return text;
}

function noise(bytes: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, bytes));
  let state = 11;
  for (let at = 0; at < buffer.length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    buffer[at] = state >>> 16;
  }
  return buffer;
}

function cut(text: string, bytes: number): Buffer {
  return Buffer.from(text, 'latin1').subarray(0, bytes);
}
