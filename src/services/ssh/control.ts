import type { Command, ControlLink, Input, Result, Suggestion } from '../../kernel/index.ts';

/** A login checks a password, which takes a core for a moment, and may wait for others that do. */
const LOGIN_MS = 30_000;

export type LoginAnswer =
  | {
      readonly ok: true;
      readonly session: string;
      readonly user: string;
      readonly role: 'admin' | 'operator';
      readonly restrictions: { readonly pty: boolean; readonly forceCommand?: string };
    }
  | { readonly ok: false; readonly reason: string };

export interface Offer {
  readonly user: string;
  readonly source: string;
  readonly algorithm: string;
  readonly blob: Uint8Array;
}

/** What the door asks control, with types. */
export class SshControl {
  readonly #link: ControlLink;
  #commands: Promise<readonly Command[]> | undefined;

  constructor(link: ControlLink) {
    this.#link = link;
  }

  async hostKeys(): Promise<readonly string[]> {
    // Control answers what `serveSsh` returns; here and below.
    return ((await this.#link.call('ssh.hostKeys', {}, LOGIN_MS)) as { pems: readonly string[] }).pems;
  }

  async wouldTake({ blob, ...offer }: Offer): Promise<boolean> {
    return (await this.#link.call('ssh.offer', { ...offer, blob: base64(blob) }, LOGIN_MS)) === true;
  }

  async withKey(
    { blob, ...offer }: Offer,
    proof: { readonly signed: Uint8Array; readonly signature: Uint8Array },
  ): Promise<LoginAnswer> {
    const params = {
      ...offer,
      blob: base64(blob),
      signed: base64(proof.signed),
      signature: base64(proof.signature),
    };
    return (await this.#link.call('ssh.key', params, LOGIN_MS)) as LoginAnswer;
  }

  async withPassword(attempt: {
    readonly user: string;
    readonly source: string;
    readonly password: string;
    readonly code?: string;
  }): Promise<LoginAnswer> {
    return (await this.#link.call('ssh.password', attempt, LOGIN_MS)) as LoginAnswer;
  }

  async enable(session: string, secret: string): Promise<boolean> {
    return (await this.#link.call('ssh.enable', { session, secret }, LOGIN_MS)) === true;
  }

  /** Declarations without what runs; asked for once. */
  commands(): Promise<readonly Command[]> {
    this.#commands ??= this.#link.call('ssh.commands', {}, LOGIN_MS).then(
      (found) => found as readonly Command[],
      (error: unknown) => {
        this.#commands = undefined;
        throw error;
      },
    );
    return this.#commands;
  }

  async run(session: string, words: string, input: Input, timeMs: number): Promise<Result> {
    const params = { session, words, input, actor: '' };
    return (await this.#link.call('ssh.run', params, timeMs)) as Result;
  }

  async suggest(session: string, kind: Suggestion): Promise<readonly string[]> {
    return (await this.#link.call('ssh.suggest', { session, kind })) as readonly string[];
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
