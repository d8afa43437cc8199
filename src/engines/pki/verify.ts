import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { formatAddress, parseAddress } from '../../kernel/index.ts';

/** One thing that was looked at. */
export interface CertificateFinding {
  readonly check:
    | 'authority-valid'
    | 'server-valid'
    | 'server-key'
    | 'server-chain'
    | 'server-names'
    | 'server-expiry';
  readonly state: 'ok' | 'warn' | 'bad';
  readonly text: string;
}

export interface VerifyInput {
  readonly authority: X509Certificate;
  readonly chain: readonly X509Certificate[];
  readonly keyPem: string;
  /** The certificate is the operator's, not one of the gateway's authority. */
  readonly operator: boolean;
  readonly wanted: readonly string[];
  readonly nowMs: number;
}

const SOON_DAYS = 30;
/** Every client must learn a new authority: that takes long. */
const AUTHORITY_SOON_DAYS = 365;
const DAY_MS = 86_400_000;

/** What a client would complain about, and what will fail soon. */
export function findingsOf(input: VerifyInput): readonly CertificateFinding[] {
  const [server] = input.chain;
  if (server === undefined)
    return [{ check: 'server-valid', state: 'bad', text: 'there is no server certificate' }];
  return [
    authorityFinding(input.authority, input.nowMs),
    validity('server-valid', 'the server certificate', server, input.nowMs),
    expiry(server, input.nowMs),
    server.checkPrivateKey(createPrivateKey(input.keyPem))
      ? { check: 'server-key', state: 'ok', text: 'the key belongs to the certificate' }
      : { check: 'server-key', state: 'bad', text: 'the key does not belong to the certificate' },
    chainFinding(input),
    namesFinding(server, input.wanted),
  ];
}

/** DNS names and addresses of a certificate, addresses in standard text. */
export function namesIn(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? '').split(', ').flatMap((entry) => {
    const [kind, ...rest] = entry.split(':');
    const value = rest.join(':');
    if (kind === 'DNS') return [value];
    const address = kind === 'IP Address' ? parseAddress(value) : undefined;
    return address === undefined ? [] : [formatAddress(address)];
  });
}

function validity(
  check: CertificateFinding['check'],
  what: string,
  certificate: X509Certificate,
  nowMs: number,
): CertificateFinding {
  const from = certificate.validFromDate;
  const to = certificate.validToDate;
  if (nowMs < from.getTime())
    return { check, state: 'bad', text: `${what} is not valid before ${from.toISOString()}` };
  if (nowMs >= to.getTime()) return { check, state: 'bad', text: `${what} expired at ${to.toISOString()}` };
  return { check, state: 'ok', text: `${what} is valid until ${to.toISOString()}` };
}

function authorityFinding(authority: X509Certificate, nowMs: number): CertificateFinding {
  const finding = validity('authority-valid', 'the authority', authority, nowMs);
  const days = Math.floor((authority.validToDate.getTime() - nowMs) / DAY_MS);
  if (finding.state === 'bad' || days >= AUTHORITY_SOON_DAYS) return finding;
  return {
    ...finding,
    state: 'warn',
    text: `the authority ends in ${days} days; clients must learn a new one before`,
  };
}

function expiry(server: X509Certificate, nowMs: number): CertificateFinding {
  const days = Math.floor((server.validToDate.getTime() - nowMs) / DAY_MS);
  const state = days < SOON_DAYS ? 'warn' : 'ok';
  return { check: 'server-expiry', state, text: `the server certificate ends in ${days} days` };
}

/** Each certificate must be signed by the next; ours by the authority. */
function chainFinding({ chain, authority, operator }: VerifyInput): CertificateFinding {
  const issuers = operator ? chain.slice(1) : [authority];
  const broken = issuers.findIndex((issuer, index) => {
    const holder = chain[index];
    return holder === undefined || !holder.checkIssued(issuer) || !holder.verify(issuer.publicKey);
  });
  if (broken >= 0) {
    return {
      check: 'server-chain',
      state: 'bad',
      text: `certificate ${broken + 1} of the chain is not signed by the next one`,
    };
  }
  const text = operator ? `a chain of ${chain.length} in order` : "signed by the gateway's own authority";
  return { check: 'server-chain', state: 'ok', text };
}

function namesFinding(server: X509Certificate, wanted: readonly string[]): CertificateFinding {
  const missing = wanted.filter((name) =>
    parseAddress(name) === undefined
      ? server.checkHost(name) === undefined
      : server.checkIP(name) === undefined,
  );
  if (missing.length === 0)
    return { check: 'server-names', state: 'ok', text: 'all names of this machine are in it' };
  // An operator's certificate rarely names addresses, and clients rarely use them.
  return { check: 'server-names', state: 'warn', text: `not in it: ${missing.join(', ')}` };
}
