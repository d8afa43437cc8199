import type { Clock } from '../../kernel/index.ts';
import {
  fingerprint,
  isMark,
  markAt,
  markOf,
  needsAuthority,
  parseKeyLine,
  parseKrl,
  RevokedMarks,
} from '../../protocols/ssh-keys/index.ts';
import {
  documentSection,
  putDocument,
  removeDocument,
  type JsonObject,
  type State,
  type StateTransaction,
} from '../state/index.ts';
import { identityErrors } from './errors.ts';

/** SSH keys and certificates that sign nobody in any more, whatever else says that they would. In control. */
export interface Revocations {
  list(): Promise<readonly RevocationRow[]>;
  /** Sessions that began with it end before this resolves. */
  add(revocation: NewRevocation, by: string): Promise<RevocationRow>;
  /** Adds what an OpenSSH revocation list (KRL) names and is not there yet. */
  importKrl(bytes: Uint8Array, reason: string | undefined, by: string): Promise<KrlImport>;
  /** A serial or key id alone is enough where one authority has it. */
  remove(what: string, by: string): Promise<string>;
  /** Those of the list and of the settings. */
  marks(): Promise<RevokedMarks>;
}

export interface NewRevocation {
  /** A mark, or the line of a public key. */
  readonly what: string;
  /** Empty: nobody said. */
  readonly reason: string;
  /** Fingerprint or key line of the authority that gave a serial or key id; `all`; absent: the one of the settings. */
  readonly authority?: string | undefined;
}

export interface KrlImport {
  readonly version: string;
  readonly comment: string;
  readonly added: readonly string[];
  /** Those that were there before. */
  readonly known: number;
}

export interface RevocationRow {
  /** `SHA256:…` of a key or an authority, `SHA256:…/serial:42` or `SHA256:…/id:alice` of an authority's certificate. */
  readonly mark: string;
  /** Empty: nobody said. */
  readonly reason: string;
  readonly revokedAt: string;
  readonly revokedBy: string;
}

export interface RevocationOptions {
  readonly state: State;
  readonly clock: Clock;
  /** `ssh` of the configuration, as it is now. */
  readonly settings: () => { readonly revoked: readonly string[]; readonly authorities: readonly string[] };
}

const SECTION = 'sshRevocations';
/** Each login looks through all of them. */
const REVOCATIONS_MAX = 10_000;
const REASON_CHARS_MAX = 200;
/** `SHA256:` and 43 signs. */
const FINGERPRINT_CHARS = 50;
const MEMBERS = ['reason', 'revokedAt', 'revokedBy'];

/** `{"SHA256:…/serial:42": {reason: stolen laptop, revokedAt: …, revokedBy: admin}}`. */
export const revocationsSection = documentSection(SECTION, (document) => [
  ...(Object.keys(document).length > REVOCATIONS_MAX
    ? [{ path: '', message: `more than ${REVOCATIONS_MAX} entries` }]
    : []),
  ...Object.entries(document).flatMap(([mark, body]) => [
    ...(isMark(mark)
      ? []
      : [
          {
            path: mark,
            message: 'expected SHA256:…, serial:NUMBER or id:NAME, or one of these behind SHA256:…/',
          },
        ]),
    ...Object.entries(body)
      .filter(([name, value]) => !MEMBERS.includes(name) || typeof value !== 'string')
      .map(([name]) => ({ path: `${mark}.${name}`, message: `expected texts: ${MEMBERS.join(', ')}` })),
  ]),
]);

export function createRevocations(options: RevocationOptions): Revocations {
  return new StoredRevocations(options);
}

class StoredRevocations implements Revocations {
  readonly #options: RevocationOptions;

  constructor(options: RevocationOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly RevocationRow[]> {
    const document = await this.#options.state.read((tx) => revocationsSection.read(tx));
    return Object.entries(document).map(([mark, body]) => rowOf(mark, body));
  }

  async add({ what, reason, authority }: NewRevocation, by: string): Promise<RevocationRow> {
    const mark = this.#placed(markIn(what), authority);
    const body = this.#body(reason, by);
    await this.#change(by, 'ssh.revoke', mark, async (tx) => {
      const known = await revocationsSection.read(tx);
      if (Object.hasOwn(known, mark))
        throw identityErrors.IDENTITY_EXISTS({ what: 'revocation', name: mark });
      requireRoom(Object.keys(known).length + 1);
      await putDocument(tx, SECTION, mark, body);
    });
    return { mark, ...body };
  }

  async importKrl(bytes: Uint8Array, reason: string | undefined, by: string): Promise<KrlImport> {
    const krl = parseKrl(bytes, REVOCATIONS_MAX);
    if ('problem' in krl) throw identityErrors.IDENTITY_KRL(krl);
    const odd = krl.marks.find((mark) => !isMark(mark));
    if (odd !== undefined)
      throw identityErrors.IDENTITY_KRL({
        problem: `its entry ${JSON.stringify(odd.slice(0, 100))} is none`,
      });
    const body = this.#body(reason ?? (krl.comment === '' ? `KRL version ${krl.version}` : krl.comment), by);
    const added: string[] = [];
    const summary = `the revocation list ${krl.version} of OpenSSH`;
    await this.#change(by, 'ssh.revoke', summary, async (tx) => {
      const known = await revocationsSection.read(tx);
      added.push(...krl.marks.filter((mark) => !Object.hasOwn(known, mark)));
      requireRoom(Object.keys(known).length + added.length);
      for (const mark of added) await putDocument(tx, SECTION, mark, body);
    });
    const { version, comment, marks } = krl;
    return { version: String(version), comment, added, known: marks.length - added.length };
  }

  async remove(what: string, by: string): Promise<string> {
    const asked = markIn(what);
    const all = (await this.list()).map(({ mark }) => mark);
    const ends = all.filter((mark) => mark === asked || mark.endsWith(`/${asked}`));
    // With several, which is meant is theirs to say: the whole mark.
    const mark = ends.includes(asked) || ends.length !== 1 ? asked : (ends[0] ?? asked);
    await this.#change(by, 'ssh.unrevoke', mark, async (tx) => {
      if (await removeDocument(tx, SECTION, mark)) return;
      throw identityErrors.IDENTITY_MISSING({ what: 'ssh revocation', name: mark });
    });
    return mark;
  }

  async marks(): Promise<RevokedMarks> {
    const kept = await this.#options.state.read((tx) =>
      tx.selectFrom('documents').select('name').where('section', '=', SECTION).execute(),
    );
    return new RevokedMarks([...this.#options.settings().revoked, ...kept.map(({ name }) => name)]);
  }

  /** Serials and key ids belong to an authority: where there are several, somebody must say which. */
  #placed(mark: string, authority: string | undefined): string {
    if (!needsAuthority(mark) || authority === 'all') return mark;
    if (authority !== undefined) {
      const signer = markOf(authority.trim());
      if (signer?.length !== FINGERPRINT_CHARS)
        throw identityErrors.IDENTITY_MARK({ text: authority.slice(0, 80) });
      return markAt(signer, mark);
    }
    const signers = this.#options.settings().authorities.flatMap((line) => {
      const blob = parseKeyLine(line)?.key.blob;
      return blob === undefined ? [] : [fingerprint(blob)];
    });
    const [signer] = signers;
    if (signers.length > 1) throw identityErrors.IDENTITY_AUTHORITY({ mark, known: signers.join(', ') });
    return signer === undefined ? mark : markAt(signer, mark);
  }

  #body(reason: string, by: string) {
    return {
      reason: reason.trim().slice(0, REASON_CHARS_MAX),
      revokedAt: new Date(this.#options.clock.now()).toISOString(),
      revokedBy: by,
    };
  }

  #change(
    by: string,
    action: string,
    mark: string,
    work: (tx: StateTransaction) => Promise<void>,
  ): Promise<void> {
    const summary = action === 'ssh.revoke' ? `revoke ${mark} for SSH` : `take ${mark} for SSH again`;
    return this.#options.state.change({ author: by, action, summary, details: { mark } }, work);
  }
}

function requireRoom(count: number): void {
  if (count > REVOCATIONS_MAX)
    throw identityErrors.IDENTITY_FULL({ what: 'revocation', max: REVOCATIONS_MAX });
}

function markIn(what: string): string {
  const mark = markOf(what.trim());
  if (mark === undefined) throw identityErrors.IDENTITY_MARK({ text: what.slice(0, 80) });
  return mark;
}

function rowOf(mark: string, { reason, revokedAt, revokedBy }: JsonObject): RevocationRow {
  // An operator's document may leave them out.
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { mark, reason: text(reason), revokedAt: text(revokedAt), revokedBy: text(revokedBy) };
}
