import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { GatewayError, type Clock, type Log } from '../../kernel/index.ts';
import { authorityExtensions, distinguishedName, serverExtensions, signCertificate } from './certificate.ts';
import { pkiErrors } from './errors.ts';
import { pairIn } from './import.ts';
import { issuerOf } from './issuer.ts';
import { serverNames, thisMachine, type Machine } from './machine.io.ts';
import { chainOf, readOwnCertificate, type KeyPair } from './own-certificate.io.ts';
import { openCertificateStore, type CertificateStore, type StoredPair } from './store.io.ts';
import { findingsOf, namesIn, type CertificateFinding } from './verify.ts';

/** The retained topic `tls`: what edges need to answer TLS. */
export interface TlsSnapshot {
  /** The server's certificate and its chain. */
  readonly certificatePem: string;
  readonly keyPem: string;
  /** The gateway's own authority, whatever certificate the server shows: `/ca.crt`. */
  readonly caPem: string;
  /** 48 bytes, base64: `tls.Server.setTicketKeys`, so that a session begun in one edge goes on in another. */
  readonly ticketKeys: string;
}

export type Origin = 'gateway' | 'operator' | 'imported';

export interface CertificateRow {
  readonly name: 'authority' | 'server';
  /** `operator`: the files of `tls.certificateFile`; `imported`: it came in by a command. */
  readonly origin: Origin;
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly names: readonly string[];
  /** SHA-256, as browsers and `openssl x509 -fingerprint` show it. */
  readonly fingerprint: string;
}

export interface Pki {
  tlsSnapshot(): TlsSnapshot;
  /**
   * Issues, renews, reads the operator's files again, rotates ticket keys, whatever is due. True: the snapshot
   * has changed and must be published. Throws when the operator's files are wrong; the snapshot before stays.
   * Call it every hour and after a reload.
   */
  refresh(): boolean;
  certificates(): readonly CertificateRow[];
  verify(): readonly CertificateFinding[];
  /** Shows this certificate from now on. The snapshot has changed. Throws PKI_IMPORT, PKI_SETTING, PKI_STORE. */
  importServer(pem: string): void;
  /** Goes back to a certificate of the authority. Throws PKI_NOT_IMPORTED. */
  removeServer(): void;
  /** Signs with this authority from now on; throws PKI_REPLACE without `replace`. */
  importAuthority(pem: string, replace: boolean): void;
}

export interface PkiOptions {
  readonly dataDir: string;
  /** `tls` of the configuration, as it is now. */
  readonly tls: () => {
    readonly certificateFile: string | undefined;
    readonly keyFile: string | undefined;
    readonly names: readonly string[];
  };
  readonly clock: Clock;
  readonly random: (count: number) => Uint8Array;
  readonly log: Log;
  readonly machine?: () => Machine;
}

/** Names of authorities that were made here, as Node writes them, see `#makeAuthority`. */
const OUR_NAME = /^O=Sallyport\nCN=.* Sallyport CA [0-9a-f]{8}$/;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AUTHORITY_MS = 3653 * DAY_MS;
/** Browsers refuse public server certificates of more than 398 days; clients that apply it to private ones are met too. */
const SERVER_MS = 397 * DAY_MS;
const RENEW_MS = 30 * DAY_MS;
/** Clients' clocks may be behind. */
const BACKDATE_MS = HOUR_MS;
/**
 * A machine whose clock was ahead at its first start has an authority all the same when the clock is corrected: server
 * certificates are made anew then, an authority cannot be without everybody trusting it anew.
 */
const AUTHORITY_BACKDATE_MS = 366 * DAY_MS;
const TICKET_MS = 12 * HOUR_MS;
const TICKET_BYTES = 48;

/** Opens `DATA_DIR/pki`; the first time, makes the authority. Throws PKI_* when anything cannot be used. */
export function openPki(options: PkiOptions): Pki {
  return new GatewayPki(options);
}

class GatewayPki implements Pki {
  readonly #options: PkiOptions;
  readonly #store: CertificateStore;
  #authority: StoredPair;
  #server: (KeyPair & { readonly origin: Origin }) | undefined;
  #ticketKeys = '';
  #ticketsAt = -Infinity;

  constructor(options: PkiOptions) {
    this.#options = options;
    this.#store = openCertificateStore(options.dataDir);
    this.#authority = this.#loadAuthority() ?? this.#makeAuthority();
    this.refresh();
  }

  tlsSnapshot(): TlsSnapshot {
    const { certificatePem, keyPem } = this.#pair();
    return { certificatePem, keyPem, caPem: this.#trustedPem(), ticketKeys: this.#ticketKeys };
  }

  refresh(): boolean {
    const before = this.#server;
    const { certificateFile, keyFile } = this.#options.tls();
    const isSet = certificateFile !== undefined && keyFile !== undefined;
    this.#server = isSet
      ? {
          ...readOwnCertificate(certificateFile, keyFile, this.#options.clock.now()),
          origin: 'operator',
        }
      : (this.#importedServer() ?? { ...this.#ownServer(), origin: 'gateway' });
    const pair = this.#server;
    const changed = before?.certificatePem !== pair.certificatePem || before.keyPem !== pair.keyPem;
    return this.#rotateTickets() || changed;
  }

  certificates(): readonly CertificateRow[] {
    const { certificatePem, origin } = this.#pair();
    const [server] = chainOf(certificatePem);
    const authority = this.#signer();
    const isOurs = OUR_NAME.test(authority.subject);
    const rows = [this.#row('authority', isOurs ? 'gateway' : 'imported', authority)];
    return server === undefined ? rows : [...rows, this.#row('server', origin, server)];
  }

  verify(): readonly CertificateFinding[] {
    const { certificatePem, keyPem, origin } = this.#pair();
    return findingsOf({
      authority: this.#signer(),
      chain: chainOf(certificatePem),
      keyPem,
      operator: origin !== 'gateway',
      wanted: this.#wantedNames(),
      nowMs: this.#options.clock.now(),
    });
  }

  importServer(pem: string): void {
    const { certificateFile } = this.#options.tls();
    if (certificateFile !== undefined) throw pkiErrors.PKI_SETTING({ certificateFile });
    this.#store.save('imported', pairIn(pem, 'server certificate', this.#options.clock.now()));
    this.refresh();
  }

  removeServer(): void {
    if (!this.#store.remove('imported')) throw pkiErrors.PKI_NOT_IMPORTED();
    this.refresh();
  }

  importAuthority(pem: string, replace: boolean): void {
    const pair = pairIn(pem, 'authority', this.#options.clock.now());
    if (!replace) throw pkiErrors.PKI_REPLACE({ subject: oneLine(this.#signer().subject) });
    this.#store.save('ca', pair);
    this.#authority = pair;
    this.refresh();
  }

  /** The certificate that signs; behind it in the file may stand those above it. */
  #signer(): X509Certificate {
    return new X509Certificate(this.#authority.certificatePem);
  }

  /** What clients must trust: the highest certificate that is known. */
  #trustedPem(): string {
    return String(chainOf(this.#authority.certificatePem).at(-1) ?? this.#authority.certificatePem);
  }

  #pair(): KeyPair & { readonly origin: Origin } {
    // `refresh` has run in the constructor, or thrown.
    if (this.#server === undefined)
      throw pkiErrors.PKI_AUTHORITY({ folder: this.#store.folder, problem: 'not open' });
    return this.#server;
  }

  #loadAuthority(): StoredPair | undefined {
    const pair = this.#store.load('ca');
    if (pair === undefined) return undefined;
    const [certificate] = chainOf(pair.certificatePem);
    const problem =
      certificate === undefined
        ? 'ca.crt: no certificate in it'
        : certificate.checkPrivateKey(pair.key)
          ? undefined
          : 'ca.crt and ca.key.sealed do not belong together';
    if (problem !== undefined) throw pkiErrors.PKI_AUTHORITY({ folder: this.#store.folder, problem });
    return pair;
  }

  #makeAuthority(): StoredPair {
    const { clock, random, log } = this.#options;
    const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const mark = Buffer.from(random(4)).toString('hex');
    // Two gateways' authorities, and one that was made anew, must not be called the same in a trust store.
    const host = this.#machine()
      .hostName.replace(/[^A-Za-z0-9.-]/g, '-')
      .slice(0, 40);
    const subject = `${host} Sallyport CA ${mark}`;
    const now = clock.now();
    const certificatePem = signCertificate({
      subject,
      publicKey,
      issuer: { name: distinguishedName(subject), key },
      notBeforeMs: now - AUTHORITY_BACKDATE_MS,
      notAfterMs: now + AUTHORITY_MS,
      serial: random(16),
      extensions: authorityExtensions(publicKey),
    });
    const pair = { certificatePem, key };
    this.#store.save('ca', pair);
    log.info('pki.authority-made', {
      subject,
      fingerprint: new X509Certificate(certificatePem).fingerprint256,
    });
    return pair;
  }

  /** Also when it has ended: what is shown changes when somebody says so, and `verify` and alerts say it before. */
  #importedServer(): (KeyPair & { readonly origin: Origin }) | undefined {
    const pair = this.#loadOr('imported');
    return pair === undefined ? undefined : { ...pemOf(pair), origin: 'imported' };
  }

  /** The certificate in the store while it serves, else a new one; with what stands between it and a root. */
  #ownServer(): KeyPair {
    const { certificatePem, keyPem } = pemOf(this.#loadServer() ?? this.#issueServer());
    const above = chainOf(this.#authority.certificatePem).filter((each) => !each.checkIssued(each));
    return { certificatePem: [certificatePem, ...above.map(String)].join(''), keyPem };
  }

  /** Unlike the authority these can be made anew, and nobody has to trust anything anew. */
  #loadOr(name: 'server' | 'imported'): StoredPair | undefined {
    try {
      return this.#store.load(name);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      this.#options.log.warn(`pki.${name}-unusable`, { code: error.code, reason: error.message });
      return undefined;
    }
  }

  #loadServer(): StoredPair | undefined {
    const pair = this.#loadOr('server');
    const certificate = pair === undefined ? undefined : chainOf(pair.certificatePem)[0];
    if (pair === undefined || certificate === undefined || !certificate.checkPrivateKey(pair.key))
      return undefined;
    const authority = this.#signer();
    if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) return undefined;
    const now = this.#options.clock.now();
    const left = certificate.validToDate.getTime() - now;
    // A clock that went back counts as well: clients would say "not yet valid".
    if (left < Math.min(RENEW_MS, this.#serverLifeMs(now) / 2) || certificate.validFromDate.getTime() > now)
      return undefined;
    return sameNames(namesIn(certificate), this.#wantedNames()) ? pair : undefined;
  }

  #issueServer(): StoredPair {
    const { clock, random, log } = this.#options;
    const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const names = this.#wantedNames();
    const now = clock.now();
    const notAfterMs = now + this.#serverLifeMs(now);
    const issuer = issuerOf(this.#signer(), this.#authority.key);
    const certificatePem = signCertificate({
      subject: (names[0] ?? 'localhost').slice(0, 64),
      publicKey,
      issuer,
      notBeforeMs: now - BACKDATE_MS,
      notAfterMs,
      serial: random(16),
      extensions: serverExtensions(publicKey, issuer.keyId, names),
    });
    const pair = { certificatePem, key };
    this.#store.save('server', pair);
    log.info('pki.server-issued', { names, notAfter: new Date(notAfterMs).toISOString() });
    return pair;
  }

  /** No certificate outlives its issuer. */
  #serverLifeMs(now: number): number {
    return Math.max(DAY_MS, Math.min(SERVER_MS - BACKDATE_MS, this.#signer().validToDate.getTime() - now));
  }

  #rotateTickets(): boolean {
    const now = this.#options.clock.monotonic();
    if (now - this.#ticketsAt < TICKET_MS) return false;
    this.#ticketKeys = Buffer.from(this.#options.random(TICKET_BYTES)).toString('base64');
    this.#ticketsAt = now;
    return true;
  }

  #wantedNames(): readonly string[] {
    return serverNames(this.#machine(), this.#options.tls().names);
  }

  #machine(): Machine {
    return (this.#options.machine ?? thisMachine)();
  }

  #row(
    name: CertificateRow['name'],
    origin: CertificateRow['origin'],
    certificate: X509Certificate,
  ): CertificateRow {
    const left = certificate.validToDate.getTime() - this.#options.clock.now();
    return {
      name,
      origin,
      subject: oneLine(certificate.subject),
      issuer: oneLine(certificate.issuer),
      notBefore: certificate.validFromDate.toISOString(),
      notAfter: certificate.validToDate.toISOString(),
      daysLeft: Math.floor(left / DAY_MS),
      names: namesIn(certificate),
      fingerprint: certificate.fingerprint256,
    };
  }
}

function pemOf({ certificatePem, key }: StoredPair): KeyPair {
  return { certificatePem, keyPem: String(key.export({ type: 'pkcs8', format: 'pem' })) };
}

function oneLine(subject: string): string {
  return subject.replaceAll('\n', ', ');
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}
