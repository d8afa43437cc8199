import type { GatewayEvent } from '../../src/engines/telemetry/index.ts';

/** A number that looks like chance and is the same in every run (the finalizer of MurmurHash3). */
function scattered(at: number): number {
  let mixed = at ^ (at >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Of an office of 2,000 people: a few hot hosts and rules, a long tail; all that a decision of a door tells. */
export function officeEvent(at: number, timeMs: number): GatewayEvent {
  const mixed = scattered(at);
  const kind = mixed % 20;
  const host = mixed % 3 === 0 ? `hot${mixed % 7}.example` : `host-${mixed % 200_000}.example`;
  return {
    timeMs,
    type:
      kind < 14
        ? 'decision.block'
        : kind < 18
          ? 'decision.monitor'
          : kind === 18
            ? 'decision.warn'
            : 'login.failed',
    severity: kind === 19 ? 'warn' : 'info',
    door: mixed % 4 === 0 ? 'icap' : 'forward-proxy',
    source: `10.${mixed % 4}.${(mixed >> 4) % 250}.${(mixed >> 9) % 250}`,
    user: mixed % 5 === 0 ? undefined : `user${mixed % 2000}`,
    target: `http://${host}/path/${at % 1000}/file-${mixed % 5000}.html`,
    reason: 'indicator-match',
    details: {
      rule: `rule-${mixed % 40}`,
      decision: 'block',
      feed: `feed-${mixed % 12}`,
      entry: host,
      category: 'malware',
      id: `e-${at.toString(36)}`,
      method: 'GET',
      status: 403,
      bytesIn: 512,
      bytesOut: 2048,
      score: 90,
      agent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
      referrer: `http://portal.example/page-${mixed % 900}`,
    },
  };
}
