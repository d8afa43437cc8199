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
  readonly pattern: RegExp;
}

/** Bytes of a file that rules look at: what starts something stands at the start, or in a small file. */
export const RULE_BYTES = 256 * 1024;
const SUSPICIOUS_FROM = 60;
/** Rules never say more than that: a person should look. */
const SCORE_MAX = 85;

const SCRIPT: readonly Rule[] = [
  { points: 35, text: 'runs PowerShell with an encoded command', pattern: /powershell[^\n]{0,200}\s-e(?:nc|ncodedcommand)?\s+["']?[a-z0-9+/=]{40}/ },
  { points: 30, text: 'runs text that it decodes from base64', pattern: /frombase64string[^\n]{0,400}(?:iex|invoke-expression)|(?:iex|invoke-expression)[^\n]{0,400}frombase64string/ },
  { points: 30, text: 'downloads something and runs it at once', pattern: /(?:downloadstring|downloadfile|invoke-webrequest|urldownloadtofile|xmlhttp)[^]{0,600}?(?:iex|invoke-expression|start-process|\.run\b|shellexecute|\bshell\b)/ },
  { points: 25, text: 'runs code that it unescapes or decodes first', pattern: /(?:eval|execute)\s*\(\s*(?:unescape|atob|decodeuricomponent|string\.fromcharcode)/ },
  { points: 20, text: 'hides its window', pattern: /-w(?:indowstyle)?\s+hidden|\.run\s*\(?[^\n]{1,200},\s*0\b/ },
  { points: 20, text: 'switches off protection or deletes shadow copies', pattern: /set-mppreference[^\n]{0,80}-disable|vssadmin[^\n]{0,40}delete\s+shadows|wbadmin\s+delete/ },
  { points: 15, text: 'uses a tool of Windows to fetch or decode files', pattern: /certutil[^\n]{0,80}-(?:urlcache|decode)|bitsadmin[^\n]{0,40}\/transfer|mshta\s+["']?https?:/ },
  { points: 15, text: 'writes itself where programs start by themselves', pattern: /currentversion\\run\b|\\startup\\|schtasks[^\n]{0,40}\/create/ },
  { points: 15, text: 'calls a shell of scripts for Windows', pattern: /wscript\.shell|shell\.application|scripting\.filesystemobject/ },
  { points: 15, text: 'holds one very long piece of base64', pattern: /[a-z0-9+/]{4000}/ },
];
const MACRO: readonly Rule[] = [
  { points: 25, text: 'has a macro that starts by itself', pattern: /\b(?:auto_?(?:open|exec|close)|document_(?:open|close)|workbook_open)\b/ },
  { points: 35, text: 'has a macro that starts a program', pattern: /\bshell\s*\(|\bshell\s+["a-z]|createobject\s*\(\s*"?(?:wscript\.shell|shell\.application)/ },
  { points: 25, text: 'has a macro that downloads', pattern: /urldownloadtofile|msxml2\.|winhttp\.|xmlhttp/ },
  { points: 15, text: 'has a macro that builds its texts from numbers', pattern: /(?:chrw?\s*\(\s*\d+\s*\)\s*&\s*){6}/ },
];
const PDF: readonly Rule[] = [
  { points: 40, text: 'starts a program when it is opened', pattern: /\/launch\b/ },
  { points: 25, text: 'runs script when it is opened', pattern: /\/openaction\b[^]{0,2000}?\/(?:javascript|js)\b/ },
  { points: 20, text: 'hides the names of its parts', pattern: /\/(?:j#61|#4a|java#53)/ },
  { points: 25, text: 'holds a program', pattern: /\/embeddedfile[^]{0,4000}?\.(?:exe|scr|js|vbs|hta|lnk)\b/ },
];
const ELF: readonly Rule[] = [
  { points: 40, text: 'is packed with UPX', pattern: /upx!/ },
  { points: 15, text: 'names files of a mining or flooding tool', pattern: /stratum\+tcp:|\/dev\/watchdog|busybox[^\n]{0,40}(?:wget|tftp)/ },
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
  const hits = [
    ...(named === undefined ? [] : [named]),
    ...(rules ?? []).filter(({ pattern }) => pattern.test(text)),
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
function nameRule({ family }: FileType, path: string): Omit<Rule, 'pattern'> | undefined {
  if (/[\u202a-\u202e\u2066-\u2069]/.test(path)) {
    return { points: 60, text: 'turns its name around so that its end is hidden' };
  }
  if (family !== 'executable' && family !== 'script' && family !== 'text') return undefined;
  return RUNS.test(path) && /\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|png|txt|zip|mp4)\.[a-z0-9]{2,4}$/i.test(path)
    ? { points: 60, text: 'is a program whose name pretends to be a document' }
    : undefined;
}
