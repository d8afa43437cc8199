import type { FileTypeName } from './types.ts';

/** Texts as they are, or `undefined` for what is no text. Looks at the beginning alone. */
export function textType(start: Buffer): FileTypeName | undefined {
  const text = decoded(start);
  if (text === undefined) return undefined;
  const trimmed = text.trimStart();
  return (
    byShebang(trimmed) ??
    PATTERNS.find(([pattern]) => pattern.test(trimmed))?.[1] ??
    (isHtml(trimmed) ? 'html' : undefined) ??
    (isMail(trimmed) ? 'eml' : undefined) ??
    scriptType(trimmed) ??
    'text'
  );
}

/** As UTF-8 or UTF-16 with a mark; anything with other control characters is binary. */
function decoded(start: Buffer): string | undefined {
  const bytes = start.subarray(0, 16_384);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  }
  if (!isTextual(bytes)) return undefined;
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}

/** By blocks: a test for each byte would take twice as long. */
function isTextual(bytes: Buffer): boolean {
  for (let block = 0; block < bytes.length; block += 1024) {
    const end = Math.min(bytes.length, block + 1024);
    let binary = 0;
    for (let at = block; at < end; at++) binary |= NO_TEXT[bytes[at]!]!;
    if (binary !== 0) return false;
  }
  return true;
}

/** 1 for control characters but tab, line ends, form feed, backspace, escape (terminal recordings). */
const NO_TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 && ![8, 9, 10, 12, 13, 27].includes(byte) ? 1 : 0,
);

function byShebang(text: string): FileTypeName | undefined {
  if (!text.startsWith('#!')) return undefined;
  const line = text.slice(2, 200).split('\n', 1)[0] ?? '';
  if (/python/.test(line)) return 'python';
  if (/perl/.test(line)) return 'perl';
  if (/\b(?:node|deno|bun)\b/.test(line)) return 'javascript';
  if (/php/.test(line)) return 'php';
  return /pwsh|powershell/i.test(line) ? 'powershell' : 'shell';
}

const PATTERNS: readonly (readonly [RegExp, FileTypeName])[] = [
  [/^<\?php\b/i, 'php'],
  [/^<\?xml[^>]*>\s*(?:<!--[^]*?-->\s*)?(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i, 'svg'],
  [/^<svg[\s>]/i, 'svg'],
  [/^<html\b[^]{0,4000}<hta:application/i, 'hta'],
  [/^<hta:application/i, 'hta'],
  [/^<\?xml\b/i, 'xml'],
  [/^-----BEGIN [A-Z0-9 ]+-----/, 'pem'],
  [/^From \S+@\S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/, 'mbox'],
  [/^[[{]\s*(?:"|\d|-|\{|\[|\]|\}|true|false|null)/, 'json'],
];

function isHtml(text: string): boolean {
  return /^(?:<!--[^]{0,2000}?-->\s*)?<(?:!doctype html|html|head|body|script|iframe|table|title|style|meta|div|h1|a|p|br)[\s>/]/i.test(
    text,
  );
}

/** A block of header fields with at least two that only mail has (RFC 5322 §3.6). */
function isMail(text: string): boolean {
  if (!/^[\w-]{1,100}:/.test(text)) return false;
  const head = text.slice(0, 8192).split(/\r?\n\r?\n/, 1)[0] ?? '';
  const names = new Set(Array.from(head.matchAll(/^([\w-]+):/gm), ([, name]) => name?.toLowerCase()));
  const mail = [
    'received',
    'from',
    'to',
    'subject',
    'date',
    'message-id',
    'mime-version',
    'return-path',
    'delivered-to',
  ];
  if (mail.filter((name) => names.has(name)).length >= 2) return true;
  // A saved page (MHTML, RFC 2557) need not be from anybody.
  return names.has('mime-version') && /^content-type:\s*multipart\//im.test(head);
}

/** Scripts without a shebang say nothing of themselves: what counts is how many of their own words they use. */
function scriptType(text: string): FileTypeName | undefined {
  const start = text.slice(0, SCRIPT_CHARS);
  let best: FileTypeName | undefined;
  let most = 1;
  for (const [type, words] of SCRIPTS) {
    const found = words.filter((word) => word.test(start)).length;
    if (found > most) {
      most = found;
      best = type;
    }
  }
  return best;
}

/** Where a script says what it is; every expression reads all of it. */
const SCRIPT_CHARS = 4096;

/** Two different ones make a script. */
const SCRIPTS: readonly (readonly [FileTypeName, readonly RegExp[]])[] = [
  [
    'powershell',
    [
      /\$[a-z_]\w*\s*=/i,
      /\b(?:New-Object|Invoke-\w+|Set-ExecutionPolicy|Get-\w+|Write-Host|Start-Process|ConvertTo-\w+)\b/i,
      /\bparam\s*\(/i,
      /\[(?:System|Convert|Reflection|Net)\.[\w.]+\]::/i,
      /\bIEX\b|-EncodedCommand\b|-enc\b/i,
    ],
  ],
  [
    'vbscript',
    [
      /^\s*(?:Dim|Option Explicit|On Error Resume Next)\b/im,
      /\bCreateObject\s*\(/i,
      /^\s*(?:Sub|Function|End Sub|End Function|End If)\b/im,
      /\bWScript\./i,
      /\bSet\s+\w+\s*=/i,
    ],
  ],
  [
    'batch',
    [
      /^\s*@?echo\s+off\b/im,
      /^\s*(?:set|setlocal|goto|call|rem)\b/im,
      /%~?[\w*]+%?/,
      /\b(?:cmd|powershell)(?:\.exe)?\s+[/-]/i,
    ],
  ],
  [
    'javascript',
    [
      /\b(?:function\s*\w*\s*\(|=>\s*[{(]?)/,
      /\b(?:var|let|const)\s+[\w$]+\s*=/,
      /\b(?:document|window|require|module\.exports|exports|JSON)\b[.([]/,
      /\beval\s*\(|\bnew\s+(?:ActiveXObject|Function)\b/,
      /^\s*['"]use strict['"]/m,
      /^\s*(?:import\s.*\bfrom\s|export\s)/m,
    ],
  ],
  [
    'python',
    [
      /^\s*(?:import\s+\w+|from\s+[\w.]+\s+import\s)/m,
      /^\s*(?:def|class)\s+\w+.*:\s*$/m,
      /^\s*if\s+__name__\s*==/m,
      /^\s*(?:elif|except|with|try)\b.*:\s*$/m,
    ],
  ],
  [
    'php',
    [
      /<\?(?:php|=)/i,
      /\$_(?:GET|POST|REQUEST|SERVER)\b/,
      /\b(?:base64_decode|gzinflate|eval|system|shell_exec)\s*\(/,
    ],
  ],
];
