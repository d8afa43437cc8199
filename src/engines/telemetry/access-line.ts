import { squidLine } from '../../protocols/squid-log/index.ts';
import type { UrlRedactor } from '../../protocols/url/index.ts';
import type { AccessDetail, AccessEntry } from './access-entry.ts';
import { jsonString } from './escape.ts';

/** Turns entries into lines with their line end, ASCII only, so that characters are bytes. */
export type AccessFormatter = (entry: AccessEntry) => string;

/**
 * Built by hand, which is faster than `JSON.stringify` (bench/log-lines.ts). Addresses, numbers, door and id
 * are made by us and need no escape; everything else is escaped, also the names of rules and feeds.
 */
export function jsonAccessFormatter(redactor: UrlRedactor): AccessFormatter {
  const isoTime = isoTimes();
  return (entry) => {
    let line = `{"time":"${isoTime(entry.timeMs)}","durationMs":${tenths(entry.durationMs)},"door":"${entry.door}","source":"${entry.source}"`;
    if (entry.user !== undefined) line += `,"user":${jsonString(entry.user)}`;
    line += `,"method":${jsonString(entry.method)},"url":${jsonString(redactor.url(entry.url))},"status":${entry.status},"bytesIn":${entry.bytesIn},"bytesOut":${entry.bytesOut}`;
    if (entry.upstream !== undefined) line += `,"upstream":"${entry.upstream}"`;
    if (entry.decision !== undefined) line += `,"decision":"${entry.decision}"`;
    if (entry.rule !== undefined) line += `,"rule":${jsonString(entry.rule)}`;
    if (entry.reason !== undefined) line += `,"reason":${jsonString(entry.reason)}`;
    if (entry.feed !== undefined) line += `,"feed":${jsonString(entry.feed)}`;
    if (entry.entry !== undefined) line += `,"entry":${jsonString(entry.entry)}`;
    if (entry.error !== undefined) line += `,"error":${jsonString(entry.error)}`;
    if (entry.tunnel) line += ',"tunnel":true';
    if (entry.reused) line += ',"reused":true';
    if (entry.connectMs !== undefined) line += `,"connectMs":${tenths(entry.connectMs)}`;
    if (entry.firstByteMs !== undefined) line += `,"firstByteMs":${tenths(entry.firstByteMs)}`;
    if (entry.more !== undefined) line += detailText(entry.more, redactor);
    return `${line},"id":"${entry.id}"}\n`;
  };
}

function detailText(
  { monitored, userAgent, referrer, mediaType, unchanged }: AccessDetail,
  redactor: UrlRedactor,
): string {
  let text =
    monitored.length === 0 ? '' : `,"monitored":[${monitored.map((name) => jsonString(name)).join()}]`;
  if (unchanged !== undefined) text += `,"unchanged":${jsonString(unchanged)}`;
  if (userAgent !== undefined) text += `,"userAgent":${jsonString(userAgent)}`;
  if (referrer !== undefined) text += `,"referrer":${jsonString(redactor.url(referrer))}`;
  return mediaType === undefined ? text : `${text},"mediaType":${jsonString(mediaType)}`;
}

export function squidAccessFormatter(redactor: UrlRedactor): AccessFormatter {
  return (entry) =>
    squidLine({
      endMs: entry.timeMs + entry.durationMs,
      elapsedMs: entry.durationMs,
      client: entry.source,
      resultCode: resultCode(entry),
      status: entry.status,
      bytes: entry.bytesOut,
      method: entry.method,
      url: redactor.url(entry.url),
      user: entry.user,
      hierarchy: entry.upstream === undefined ? 'HIER_NONE' : 'HIER_DIRECT',
      peer: entry.upstream === undefined ? undefined : withoutPort(entry.upstream),
      mediaType: undefined,
    });
}

function resultCode(entry: AccessEntry): string {
  if (entry.decision === 'block' || entry.status === 407) return 'TCP_DENIED';
  if (entry.status === 0) return 'TCP_MISS_ABORTED';
  if (entry.tunnel) return 'TCP_TUNNEL';
  return entry.upstream === undefined ? 'NONE' : 'TCP_MISS';
}

/** Squid writes the address alone: `192.0.2.7:443` → `192.0.2.7`, `[2001:db8::1]:443` → `2001:db8::1`. */
function withoutPort(upstream: string): string {
  if (upstream.startsWith('[')) return upstream.slice(1, Math.max(1, upstream.indexOf(']')));
  const colon = upstream.indexOf(':');
  return colon < 0 || upstream.includes(':', colon + 1) ? upstream : upstream.slice(0, colon);
}

/** A tenth of a millisecond is what the clocks are good for, and keeps lines short. */
function tenths(ms: number): string {
  const count = Math.max(0, Math.round(ms * 10));
  const whole = Math.floor(count / 10);
  // Formatting two integers takes a third of the time of formatting one fraction.
  return count === whole * 10 ? `${whole}` : `${whole}.${count - whole * 10}`;
}

/** ISO 8601 times; the text of a second is made once. */
function isoTimes(): (timeMs: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (timeMs) => {
    const ms = Math.floor(timeMs);
    const current = Math.floor(ms / 1000);
    if (current !== second) {
      second = current;
      prefix = new Date(current * 1000).toISOString().slice(0, 20);
    }
    const rest = ms - current * 1000;
    return `${prefix}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
  };
}
