import type { Clock } from '../../kernel/index.ts';
import { isMark, markOf } from '../../protocols/ssh-keys/index.ts';
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
  /** `what`: a mark, or the line of a public key. Sessions that began with it end before this resolves. */
  add(what: string, reason: string, by: string): Promise<RevocationRow>;
  remove(what: string, by: string): Promise<string>;
  /** Those of the list and of the settings. */
  marks(): Promise<ReadonlySet<string>>;
}

export interface RevocationRow {
  /** `SHA256:…` of a key or an authority, `serial:42` or `id:alice` of a certificate. */
  readonly mark: string;
  /** Empty: nobody said. */
  readonly reason: string;
  readonly revokedAt: string;
  readonly revokedBy: string;
}

export interface RevocationOptions {
  readonly state: State;
  readonly clock: Clock;
  /** `ssh.revoked` of the configuration, as it is now. */
  readonly settings: () => readonly string[];
}

const SECTION = 'sshRevocations';
/** Each login looks through all of them. */
const REVOCATIONS_MAX = 10_000;
const REASON_CHARS_MAX = 200;
const MEMBERS = ['reason', 'revokedAt', 'revokedBy'];

/** `{"serial:42": {reason: stolen laptop, revokedAt: …, revokedBy: admin}}`. */
export const revocationsSection = documentSection(SECTION, (document) => [
  ...(Object.keys(document).length > REVOCATIONS_MAX
    ? [{ path: '', message: `more than ${REVOCATIONS_MAX} entries` }]
    : []),
  ...Object.entries(document).flatMap(([mark, body]) => [
    ...(isMark(mark) ? [] : [{ path: mark, message: 'expected SHA256:…, serial:NUMBER or id:NAME' }]),
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

  async add(what: string, reason: string, by: string): Promise<RevocationRow> {
    const mark = markIn(what);
    const body = {
      reason: reason.trim().slice(0, REASON_CHARS_MAX),
      revokedAt: new Date(this.#options.clock.now()).toISOString(),
      revokedBy: by,
    };
    await this.#change(by, 'ssh.revoke', mark, async (tx) => {
      const known = await revocationsSection.read(tx);
      if (Object.hasOwn(known, mark))
        throw identityErrors.IDENTITY_EXISTS({ what: 'revocation', name: mark });
      if (Object.keys(known).length >= REVOCATIONS_MAX) {
        throw identityErrors.IDENTITY_FULL({ what: 'revocation', max: REVOCATIONS_MAX });
      }
      await putDocument(tx, SECTION, mark, body);
    });
    return { mark, ...body };
  }

  async remove(what: string, by: string): Promise<string> {
    const mark = markIn(what);
    await this.#change(by, 'ssh.unrevoke', mark, async (tx) => {
      if (await removeDocument(tx, SECTION, mark)) return;
      throw identityErrors.IDENTITY_MISSING({ what: 'ssh revocation', name: mark });
    });
    return mark;
  }

  async marks(): Promise<ReadonlySet<string>> {
    const kept = await this.#options.state.read((tx) =>
      tx.selectFrom('documents').select('name').where('section', '=', SECTION).execute(),
    );
    return new Set([...this.#options.settings(), ...kept.map(({ name }) => name)]);
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
