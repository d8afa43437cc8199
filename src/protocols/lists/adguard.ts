import { type LineSink, hostsLine, report, reportName } from './text-formats.ts';
import { addressValue } from './address-value.ts';
import { domainName, listValue } from './value.ts';

/** Modifiers that leave a rule a rule for the whole site. All others restrict it, so it would block too much. */
const HARMLESS = new Set(['all', 'important', 'document', 'doc', 'network']);

/**
 * The network rules of AdGuard and Adblock Plus that mean whole sites: `||domain^` with everything below,
 * `@@||domain^` as an exception, `||host/path`, a bare `host` (exactly that host, as AdGuard's DNS filter
 * reads it) and lines of hosts files.
 */
export function adguardLine(line: string, sink: LineSink): void {
  if (line.startsWith('!') || /^\[[^\]]*\]$/.test(line) || /^#(?![#@?$%])/.test(line)) return;
  if (/#@?[?$%]*#|\$\$/.test(line)) {
    sink.problem('a cosmetic rule is not supported');
    return;
  }
  const isException = line.startsWith('@@');
  const action = isException ? 'allow' : undefined;
  const rule = isException ? line.slice(2) : line;
  if (rule.startsWith('/') && /\/(?:\$[^/]*)?$/.test(rule)) {
    sink.problem('a regular expression is not supported');
    return;
  }
  const dollar = rule.indexOf('$');
  const pattern = dollar < 0 ? rule : rule.slice(0, dollar);
  const restricting = dollar < 0 ? undefined : restrictingModifier(rule.slice(dollar + 1));
  if (restricting !== undefined) {
    sink.problem(`the modifier "${restricting}" is not supported`);
    return;
  }
  if (pattern.startsWith('||')) anchoredRule(pattern.slice(2), action, sink);
  else if (pattern.startsWith('|')) urlRule(pattern.slice(1), action, sink);
  else if (/^[0-9a-f.:]+[ \t]/i.test(pattern)) hostsLine(pattern, sink);
  else bareRule(pattern, action, sink);
}

function restrictingModifier(modifiers: string): string | undefined {
  return modifiers
    .split(',', 64)
    .map((modifier) => modifier.split('=', 1)[0]!.trim())
    .find((modifier) => !HARMLESS.has(modifier));
}

/** Behind `||`: a name and what comes after it. */
function anchoredRule(text: string, action: 'allow' | 'block' | undefined, sink: LineSink): void {
  const body = text.replace(/\^?\|?$/, '').replace(/^\*\./, '');
  if (body.includes('*') || body.includes('^')) {
    sink.problem('a wildcard inside a rule is not supported');
    return;
  }
  const address = addressValue(body);
  if (address !== undefined) sink.value(address, action);
  else if (body.includes('/')) urlRule(body.includes('://') ? body : `http://${body}`, action, sink);
  else reportName('domain', domainName(body, true), sink, action);
}

function urlRule(text: string, action: 'allow' | 'block' | undefined, sink: LineSink): void {
  const body = text.replace(/\^?\|?$/, '');
  if (body.includes('*') || body.includes('^')) {
    sink.problem('a wildcard inside a rule is not supported');
    return;
  }
  const value = listValue(body);
  if (typeof value === 'string') sink.problem(value);
  else sink.value(value, action);
}

function bareRule(pattern: string, action: 'allow' | 'block' | undefined, sink: LineSink): void {
  if (/[*^|]/.test(pattern)) {
    sink.problem('a wildcard inside a rule is not supported');
    return;
  }
  const value = listValue(pattern);
  if (typeof value === 'string')
    report(value === 'not a domain name' ? 'a part of a URL is not supported' : value, sink);
  else sink.value(value.kind === 'domain' ? { ...value, kind: 'host' } : value, action);
}
