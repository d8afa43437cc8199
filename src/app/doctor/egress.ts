import { type Finding, ok, problem, warning } from './finding.ts';
import type { ProxyError } from '../../engines/egress/index.ts';
import type { Probe } from './outbound.io.ts';

/** Browsers and TLS begin to fail at minutes; tokens and TOTP at half of one. */
const SKEW_MS_MAX = 30_000;
/** Codes of OpenSSL that say: signed by somebody we do not know. */
const UNKNOWN_ISSUER = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

export function egressFindings(probes: readonly Probe[]): readonly Finding[] {
  if (probes.length === 0) return [ok('egress', 'nothing is fetched from outside')];
  return probes.map(egressFinding);
}

function egressFinding(probe: Probe): Finding {
  const { wantedBy, url, caFile } = probe.outside;
  const check = `egress ${url.host}`;
  switch (probe.outcome) {
    case 'open':
      return ok(check, `reached, for ${wantedBy}`);
    case 'unreachable':
      return problem(
        check,
        `${wantedBy} cannot reach it: ${probe.reason}`,
        reachHint(probe.error, url.hostname),
      );
    case 'untrusted':
      return UNKNOWN_ISSUER.has(probe.code)
        ? problem(
            check,
            caFile === undefined
              ? `its certificate was issued by "${probe.issuer}", which is no public authority: something on the way out inspects TLS`
              : `its certificate was issued by "${probe.issuer}", which is not in ${caFile}`,
            `exempt the gateway from inspection, or trust that authority for ${wantedBy} (feed edit NAME --ca-file FILE)`,
          )
        : problem(
            check,
            `its certificate is refused (${probe.code}), issued by "${probe.issuer}"`,
            probe.code === 'CERT_NOT_YET_VALID' || probe.code === 'CERT_HAS_EXPIRED'
              ? 'compare the clock of this machine (sallyport verify ntp); else the server must renew it'
              : 'ask who runs the server',
          );
  }
}

function reachHint(error: ProxyError, host: string): string {
  switch (error) {
    case 'destination_ip_prohibited':
      return 'if it may be reached, add its network to egress.allowDestinations';
    case 'dns_error':
    case 'dns_timeout':
    case 'destination_not_found':
      return `check the name ${host}, and the name servers with: sallyport verify dns`;
    default:
      return 'allow TCP 443 outward (sallyport firewall export --direction out), or name the proxy in egress.parents';
  }
}

export interface ClockView {
  readonly nowMs: number;
  /** Newest time in the audit; the clock has been there already. */
  readonly lastKnownMs: number | undefined;
  readonly probes: readonly Probe[];
}

const CLOCK_HINT =
  'timedatectl status; then: timedatectl set-ntp true, or correct the time server (configure ntp)';

export function clockFindings({ nowMs, lastKnownMs, probes }: ClockView): readonly Finding[] {
  const shown = new Date(nowMs).toISOString();
  if (lastKnownMs !== undefined && lastKnownMs - nowMs > SKEW_MS_MAX) {
    const last = new Date(lastKnownMs).toISOString();
    return [
      problem('clock', `it says ${shown}, and the audit has entries of ${last}: it went back`, CLOCK_HINT),
    ];
  }
  const skews = probes.flatMap((probe) =>
    'dateMs' in probe && probe.dateMs !== undefined
      ? [{ host: probe.outside.url.host, ms: nowMs - probe.dateMs }]
      : [],
  );
  if (skews.length === 0) return [ok('clock', `${shown}; nothing outside to compare it with`)];
  // One server may be wrong; of several, the middle one is believed.
  const { host, ms } = skews.toSorted((a, b) => a.ms - b.ms)[Math.floor(skews.length / 2)]!;
  // A Date field is whole seconds, and the answer took a while.
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (Math.abs(ms) <= SKEW_MS_MAX) return [ok('clock', `${shown}, as ${host} says`)];
  const detail = `it is ${seconds} s ${ms > 0 ? 'ahead of' : 'behind'} ${host}`;
  return [skews.length > 1 ? problem('clock', detail, CLOCK_HINT) : warning('clock', detail, CLOCK_HINT)];
}
