import { bytesOfBase64 } from '../../protocols/safe-browsing/index.ts';

/** All values of a parameter, decoded as forms are; those that are not decodable are left out. */
export function queryParameters(query: string, name: string): readonly string[] {
  const values: string[] = [];
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || decoded(pair.slice(0, equals)) !== name) continue;
    const value = decoded(pair.slice(equals + 1));
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** `undefined`: one is not base64. Firefox sends an empty version for a list that it does not have. */
export function bytesParameters(query: string, name: string): readonly Uint8Array[] | undefined {
  const all = queryParameters(query, name)
    .filter((text) => text !== '')
    // A plus sign of base64 that was not escaped has become a space.
    .map((text) => bytesOfBase64(text.replaceAll(' ', '+')));
  return all.every((bytes) => bytes !== undefined) ? all : undefined;
}

function decoded(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // URIError is the only thing that decodeURIComponent throws.
    return undefined;
  }
}
