/** As the indicator store takes them: the subscription and its feed have one name. */
export function isFeedName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) && name !== 'local';
}

/** A URL for logs, answers and errors: without query, which may hold what opens it. */
export function shownUrl(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? url : `${parsed.origin}${parsed.pathname}`;
}
