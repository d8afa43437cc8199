import { NetworkSet, type Clock } from '../../kernel/index.ts';
import {
  fingerprint,
  isCertificateAlgorithm,
  isSignedBy,
  isSignedByAuthority,
  isUserVerified,
  marksOf,
  parseCertificate,
  parseKeyLine,
  parsePublicKey,
  type Certificate,
  type PublicKey,
  type RevokedMarks,
} from '../../protocols/ssh-keys/index.ts';
import type { IdentityAdmin } from './admin.ts';
import type { Authenticators } from './authenticators.ts';
import type { Revocations } from './revocations.ts';
import type { UserRow } from './accounts.ts';

/** A key or certificate that a client shows, as it came. */
export interface OfferedKey {
  readonly user: string;
  readonly source: string;
  readonly algorithm: string;
  readonly blob: Uint8Array;
}

/** With the proof that the client holds the private key. */
export interface SignedKey extends OfferedKey {
  readonly signed: Uint8Array;
  /** As RFC 4253 §6.6 encodes it: algorithm and value. */
  readonly signature: Uint8Array;
}

export type SshLogin =
  | {
      readonly ok: true;
      readonly account: UserRow;
      readonly restrictions: Restrictions;
      readonly by: string;
      /** Each of them, revoked, ends the session. Empty: it was a password. */
      readonly marks: readonly string[];
    }
  | { readonly ok: false; readonly reason: SshRefusal };

/** `role`: the account is right and has nothing to do here. `code-needed`: the password alone is not enough. */
export type SshRefusal =
  | 'unknown'
  | 'banned'
  | 'unavailable'
  | 'role'
  | 'code-needed'
  | 'passwords-off'
  | 'revoked'
  | 'authority'
  | 'not-for-users'
  | 'principal'
  | 'not-yet-valid'
  | 'expired'
  | 'source-address'
  | 'critical-option'
  | 'not-verified';

/** What a certificate allows its holder less than the account could do. */
export interface Restrictions {
  /** Runs instead of whatever the client asks for (`force-command`). */
  readonly forceCommand?: string;
  /** False: no terminal (`permit-pty` is absent). */
  readonly pty: boolean;
}

export interface SshLoginOptions {
  readonly clock: Clock;
  readonly identity: Pick<IdentityAdmin, 'users' | 'verifyPassword'>;
  readonly authenticators: Authenticators;
  readonly revocations: Pick<Revocations, 'marks'>;
  /** `ssh` of the configuration, as it is now. */
  settings(): {
    readonly passwords: boolean;
    readonly authorities: readonly string[];
  };
}

/** Who may sign in over SSH. In control: the process of the door knows no account. */
export class SshLogins {
  readonly #options: SshLoginOptions;

  constructor(options: SshLoginOptions) {
    this.#options = options;
  }

  /** Whether a signature with this key would sign the user in. Tells nothing that the client could not find out by trying. */
  async wouldTake(offer: OfferedKey): Promise<boolean> {
    return (await this.#keyOf(offer)).ok;
  }

  async withKey({ signed, signature, ...offer }: SignedKey): Promise<SshLogin> {
    const found = await this.#keyOf(offer);
    if (!found.ok) return found;
    if (!isSignedBy(found.key, signed, signature)) return refused('unknown');
    if (found.verify && !isUserVerified(signature)) return refused('not-verified');
    return this.#account(offer.user, found);
  }

  async withPassword(attempt: {
    readonly user: string;
    readonly password: string;
    readonly code: string | undefined;
    readonly source: string;
  }): Promise<SshLogin> {
    if (!this.#options.settings().passwords) return refused('passwords-off');
    const user = attempt.user.toLowerCase();
    const right = await this.#options.identity.verifyPassword({ ...attempt, user });
    if (!right.ok) return right;
    const { code, source } = attempt;
    const factor = await this.#options.authenticators.secondFactor({ user, code, source });
    if (factor === 'needed') return refused('code-needed');
    if (factor === 'wrong') return refused('unknown');
    if (factor === 'banned') return refused('banned');
    const by = factor === 'none' ? 'password' : 'password and code';
    return this.#account(user, { restrictions: FREE, by, marks: [] });
  }

  async #account(
    user: string,
    { restrictions, by, marks }: Omit<Grant, 'key' | 'verify'>,
  ): Promise<SshLogin> {
    const name = user.toLowerCase();
    const account = (await this.#options.identity.users()).find((each) => each.name === name);
    if (account === undefined) return refused('unknown');
    return account.role === 'user' ? refused('role') : { ok: true, account, restrictions, by, marks };
  }

  async #keyOf(offer: OfferedKey): Promise<Found> {
    const revoked = await this.#options.revocations.marks();
    if (isCertificateAlgorithm(offer.algorithm)) {
      const certificate = parseCertificate(offer.blob);
      return certificate === undefined ? refused('unknown') : this.#certified(certificate, offer, revoked);
    }
    const key = parsePublicKey(offer.blob);
    if (key === undefined) return refused('unknown');
    const mark = fingerprint(key.blob);
    if (revoked.hasAny([mark])) return refused('revoked');
    const isOwn = await this.#options.authenticators.hasKey(offer.user.toLowerCase(), key.blob);
    return isOwn
      ? { ok: true, key, restrictions: FREE, by: `key ${mark}`, marks: [mark], verify: false }
      : refused('unknown');
  }

  /** The order of sshd: who signed, then what for, then when, then from where. */
  #certified(certificate: Certificate, { user, source }: OfferedKey, revoked: RevokedMarks): Found {
    const { authority, key, keyId, serial, critical, extensions } = certificate;
    const authorities = this.#options.settings().authorities.map((line) => parseKeyLine(line)?.key.blob);
    const isKnown = authorities.some((blob) => blob?.equals(authority.blob) === true);
    if (!isKnown || !isSignedByAuthority(certificate)) return refused('authority');
    const marks = marksOf(certificate);
    if (revoked.hasAny(marks)) return refused('revoked');
    if (certificate.kind !== 'user') return refused('not-for-users');
    // Without principals it would sign everybody in: sshd refuses that, too.
    if (!certificate.principals.includes(user.toLowerCase())) return refused('principal');
    const now = BigInt(Math.floor(this.#options.clock.now() / 1000));
    if (now < certificate.validAfter) return refused('not-yet-valid');
    if (now >= certificate.validBefore) return refused('expired');
    const from = critical.get('source-address');
    if (from !== undefined && !isFrom(source, from)) return refused('source-address');
    // PROTOCOL.certkeys: an option that is not understood makes the certificate worthless.
    for (const name of critical.keys()) {
      if (!CRITICAL_OPTIONS.includes(name)) return refused('critical-option');
    }
    const forceCommand = critical.get('force-command');
    return {
      ok: true,
      key,
      by: `certificate ${keyId} ${serial}`,
      marks,
      verify: critical.has('verify-required'),
      restrictions: {
        pty: extensions.has('permit-pty'),
        ...(forceCommand === undefined ? {} : { forceCommand }),
      },
    };
  }
}

const FREE: Restrictions = { pty: true };
const CRITICAL_OPTIONS = ['source-address', 'force-command', 'verify-required'];

interface Grant {
  readonly key: PublicKey;
  readonly restrictions: Restrictions;
  readonly by: string;
  readonly marks: readonly string[];
  /** A hardware key must have asked for a PIN or a finger. */
  readonly verify: boolean;
}

type Found = ({ readonly ok: true } & Grant) | { readonly ok: false; readonly reason: SshRefusal };

function refused(reason: SshRefusal): { readonly ok: false; readonly reason: SshRefusal } {
  return { ok: false, reason };
}

/** A list that cannot be read lets nobody in. */
function isFrom(source: string, list: string): boolean {
  try {
    return new NetworkSet(list.split(',').map((each) => each.trim())).hasText(source);
  } catch {
    return false;
  }
}
