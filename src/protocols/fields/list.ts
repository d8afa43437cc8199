import { isToken } from './chars.ts';

/**
 * The members of a comma-separated list of tokens (RFC 9110 §5.6.1), in lower case; empty members are skipped as
 * the RFC asks. `undefined` when a member is no token, or when there are more than `membersMax`.
 */
export function parseTokenList(value: string, membersMax: number): string[] | undefined {
  const members: string[] = [];
  let from = 0;
  while (from <= value.length) {
    let to = value.indexOf(',', from);
    if (to < 0) to = value.length;
    const member = trimOws(value, from, to);
    if (member !== '') {
      if (!isToken(member) || members.length >= membersMax) return undefined;
      members.push(member.toLowerCase());
    }
    from = to + 1;
  }
  return members;
}

/** `text[from, to)` without the white space around it (RFC 9110 §5.6.3: SP and HTAB only). */
export function trimOws(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
