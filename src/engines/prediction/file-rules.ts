/**
 * Where no model was trained, rules stand in: scripts, macros, PDF, ELF, names that deceive. They are stated here in
 * full, each with what it adds to the score; nothing was learned, and nobody has measured them on malware.
 */
import type { FileType } from '../../kernel/index.ts';

export interface RuleScore {
  /** 0 to 100. */
  readonly score: number;
  readonly verdict: 'clean' | 'suspicious';
  /** In words, the strongest first. */
  readonly reasons: readonly string[];
}

interface Rule {
  readonly points: number;
  readonly text: string;
  /** On lower-case text with one byte a character. */
  readonly pattern: { test(text: string): boolean };
  /** One of these must be there at all: most files have none, and looking for a word costs little. */
  readonly words: readonly string[];
}

/** Bytes of a file that rules look at: what starts something stands at the start, or in a small file. */
export const RULE_BYTES = 256 * 1024;
const SUSPICIOUS_FROM = 60;
/** Rules never say more than that: a person should look. */
const SCORE_MAX = 85;

const SCRIPT: readonly Rule[] = [
  {
    points: 35,
    text: 'runs PowerShell with an encoded command',
    words: ['powershell'],
    pattern: /powershell[^\n]{0,200}\s-e(?:nc|ncodedcommand)?\s+["']?[a-z0-9+/=]{40}/,
  },
  {
    points: 30,
    text: 'runs text that it decodes from base64',
    words: ['frombase64string'],
    pattern:
      /frombase64string[^\n]{0,400}(?:iex|invoke-expression)|(?:iex|invoke-expression)[^\n]{0,400}frombase64string/,
  },
  {
    points: 30,
    text: 'downloads something and runs it at once',
    words: ['downloadstring', 'downloadfile', 'invoke-webrequest', 'urldownloadtofile', 'xmlhttp'],
    pattern:
      /(?:downloadstring|downloadfile|invoke-webrequest|urldownloadtofile|xmlhttp)[^]{0,600}?(?:iex|invoke-expression|start-process|\.run\b|shellexecute|\bshell\b)/,
  },
  {
    points: 25,
    text: 'runs code that it unescapes or decodes first',
    words: ['eval', 'execute'],
    pattern: /(?:eval|execute)\s*\(\s*(?:unescape|atob|decodeuricomponent|string\.fromcharcode)/,
  },
  {
    points: 20,
    text: 'hides its window',
    words: ['hidden', '.run'],
    pattern: /-w(?:indowstyle)?\s+hidden|\.run\s*\(?[^\n]{1,200},\s*0\b/,
  },
  {
    points: 20,
    text: 'switches off protection or deletes shadow copies',
    words: ['set-mppreference', 'vssadmin', 'wbadmin'],
    pattern: /set-mppreference[^\n]{0,80}-disable|vssadmin[^\n]{0,40}delete\s+shadows|wbadmin\s+delete/,
  },
  {
    points: 15,
    text: 'uses a tool of Windows to fetch or decode files',
    words: ['certutil', 'bitsadmin', 'mshta'],
    pattern: /certutil[^\n]{0,80}-(?:urlcache|decode)|bitsadmin[^\n]{0,40}\/transfer|mshta\s+["']?https?:/,
  },
  {
    points: 15,
    text: 'writes itself where programs start by themselves',
    words: ['currentversion', 'startup', 'schtasks'],
    pattern: /currentversion\\run\b|\\startup\\|schtasks[^\n]{0,40}\/create/,
  },
  {
    points: 15,
    text: 'calls a shell of scripts for Windows',
    words: ['wscript', 'shell.application', 'filesystemobject'],
    pattern: /wscript\.shell|shell\.application|scripting\.filesystemobject/,
  },
  { points: 15, text: 'holds one very long piece of base64', words: [], pattern: { test: hasLongRun } },
];
const MACRO: readonly Rule[] = [
  {
    points: 25,
    text: 'has a macro that starts by itself',
    words: ['open', 'exec', 'close'],
    pattern: /\b(?:auto_?(?:open|exec|close)|document_(?:open|close)|workbook_open)\b/,
  },
  {
    points: 35,
    text: 'has a macro that starts a program',
    words: ['shell'],
    pattern: /\bshell\s*\(|\bshell\s+["a-z]|createobject\s*\(\s*"?(?:wscript\.shell|shell\.application)/,
  },
  {
    points: 25,
    text: 'has a macro that downloads',
    words: ['urldownload', 'http'],
    pattern: /urldownloadtofile|msxml2\.|winhttp\.|xmlhttp/,
  },
  {
    points: 15,
    text: 'has a macro that builds its texts from numbers',
    words: ['chr'],
    pattern: /(?:chrw?\s*\(\s*\d+\s*\)\s*&\s*){6}/,
  },
];
const PDF: readonly Rule[] = [
  { points: 40, text: 'starts a program when it is opened', words: ['/launch'], pattern: /\/launch\b/ },
  {
    points: 25,
    text: 'runs script when it is opened',
    words: ['/openaction'],
    pattern: /\/openaction\b[^]{0,2000}?\/(?:javascript|js)\b/,
  },
  { points: 20, text: 'hides the names of its parts', words: ['#'], pattern: /\/(?:j#61|#4a|java#53)/ },
  {
    points: 25,
    text: 'holds a program',
    words: ['/embeddedfile'],
    pattern: /\/embeddedfile[^]{0,4000}?\.(?:exe|scr|js|vbs|hta|lnk)\b/,
  },
];
const ELF: readonly Rule[] = [
  { points: 40, text: 'is packed with UPX', words: ['upx!'], pattern: /upx!/ },
  {
    points: 15,
    text: 'names files of a mining or flooding tool',
    words: ['stratum', 'watchdog', 'busybox'],
    pattern: /stratum\+tcp:|\/dev\/watchdog|busybox[^\n]{0,40}(?:wget|tftp)/,
  },
];

/** A text that names none of these is no script of the kind that rules are for; most texts end here. */
const SCRIPTED = [
  'powershell',
  'frombase64string',
  'unescape',
  'fromcharcode',
  'vssadmin',
  'xmlhttp',
  'wscript',
  'mshta',
  'schtasks',
  'mppreference',
  'urldownloadtofile',
];

const BY_FAMILY: Readonly<Record<string, readonly Rule[]>> = { script: SCRIPT, text: SCRIPT };
const BY_NAME: Readonly<Record<string, readonly Rule[]>> = { pdf: PDF, elf: ELF };

/** `undefined`: no rule is for this kind of file. `start` is up to `RULE_BYTES` of it. */
export function scoreByRules(type: FileType, path: string, start: Buffer): RuleScore | undefined {
  const named = nameRule(type, path);
  const isMacro = start.subarray(0, 64).includes('Attribut');
  const rules = isMacro ? [...MACRO, ...SCRIPT] : (BY_NAME[type.name] ?? BY_FAMILY[type.family]);
  if (rules === undefined && named === undefined) return undefined;
  const text = rules === undefined ? '' : start.toString('latin1').toLowerCase();
  if (
    type.family === 'text' &&
    !isMacro &&
    named === undefined &&
    !SCRIPTED.some((word) => text.includes(word))
  ) {
    return undefined;
  }
  const hits = [
    ...(named === undefined ? [] : [named]),
    ...(rules ?? []).filter(
      ({ words, pattern }) =>
        (words.length === 0 || words.some((word) => text.includes(word))) && pattern.test(text),
    ),
  ].toSorted((a, b) => b.points - a.points);
  const score = Math.min(
    SCORE_MAX,
    hits.reduce((sum, { points }) => sum + points, 0),
  );
  return {
    score,
    verdict: score >= SUSPICIOUS_FROM ? 'suspicious' : 'clean',
    reasons: hits.map((hit) => hit.text),
  };
}

const RUNS = /\.(?:exe|scr|com|pif|bat|cmd|js|jse|vbs|vbe|wsf|hta|lnk|ps1|msi)$/i;

/** `invoice.pdf.exe`, and names that are read from right to left to hide their end. */
function nameRule({ family }: FileType, path: string): Pick<Rule, 'points' | 'text'> | undefined {
  if (/[\u202a-\u202e\u2066-\u2069]/.test(path)) {
    return { points: 60, text: 'turns its name around so that its end is hidden' };
  }
  if (family !== 'executable' && family !== 'script' && family !== 'text') return undefined;
  return RUNS.test(path) && /\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|png|txt|zip|mp4)\.[a-z0-9]{2,4}$/i.test(path)
    ? { points: 60, text: 'is a program whose name pretends to be a document' }
    : undefined;
}

const LONG_RUN = 4_000;

/** A run of so many characters of base64 covers one of the places that are looked at. */
function hasLongRun(text: string): boolean {
  for (let at = LONG_RUN - 1; at < text.length; at += LONG_RUN) {
    if (!isBase64(text, at)) continue;
    let start = at;
    let end = at;
    while (start > 0 && isBase64(text, start - 1)) start--;
    while (end + 1 < text.length && isBase64(text, end + 1)) end++;
    if (end - start + 1 >= LONG_RUN) return true;
  }
  return false;
}

function isBase64(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x2f && code <= 0x39) || code === 0x2b;
}
