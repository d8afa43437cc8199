import { messageOf } from '../../kernel/index.ts';
import type { LoginAnswer, SshControl } from './control.ts';
import type { SignInRequest } from './library.ts';

export interface SignInOptions {
  readonly control: SshControl;
  readonly source: string;
  /** Of one connection. */
  readonly attemptsMax: number;
  /** Signed in: from now on the connection is that user's. False: it is gone meanwhile. */
  onGranted(login: LoginAnswer & { ok: true }): boolean;
  onRefused(user: string, method: SignInRequest['method'], reason: string): void;
  /** Too many were refused. */
  onExhausted(): void;
}

type Granted = LoginAnswer & { ok: true };

/** The sign-in of one connection. Never throws and never rejects: what fails is a refusal. */
export class SignIn {
  readonly #options: SignInOptions;
  #refusals = 0;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  async answer(request: SignInRequest): Promise<void> {
    // What every client asks first, to hear which methods there are.
    if (request.method === 'other') return request.refuse();
    let reason: string;
    try {
      const result = await this.#decide(request);
      if (result === 'offered') return request.accept();
      if (typeof result !== 'string') {
        if (this.#options.onGranted(result)) request.accept();
        return;
      }
      reason = result;
    } catch (error) {
      // Control is away or slow. Nobody is told more, and nothing is counted against the client.
      this.#options.onRefused(request.user, request.method, messageOf(error));
      return request.refuse();
    }
    // Keys that are only shown are no attempt that somebody must hear of; a client may carry several.
    const isQuestion = request.method === 'key' && request.key?.proof === undefined;
    if (!isQuestion) this.#options.onRefused(request.user, request.method, reason);
    request.refuse();
    if (++this.#refusals >= this.#options.attemptsMax) this.#options.onExhausted();
  }

  #decide(request: SignInRequest): Promise<Granted | 'offered' | (string & {})> {
    if (request.method === 'key') return this.#key(request);
    if (request.method === 'password') return this.#password(request, request.password ?? '');
    return this.#interactive(request);
  }

  async #key({ user, key }: SignInRequest): Promise<Granted | 'offered' | (string & {})> {
    if (key === undefined) return 'unknown';
    const { control, source } = this.#options;
    const offer = { user, source, algorithm: key.algorithm, blob: key.blob };
    if (key.proof === undefined) return (await control.wouldTake(offer)) ? 'offered' : 'unknown';
    return grantedOr(await control.withKey(offer, key.proof));
  }

  async #password(
    { user }: SignInRequest,
    password: string,
    code?: string,
  ): Promise<Granted | (string & {})> {
    const { control, source } = this.#options;
    const attempt = { user, source, password, ...(code === undefined ? {} : { code }) };
    return grantedOr(await control.withPassword(attempt));
  }

  /** RFC 4256: the password, and where the account has a second factor, its code. */
  async #interactive(request: SignInRequest): Promise<Granted | (string & {})> {
    const [password] = (await request.ask(['Password: '])) ?? [];
    if (password === undefined) return 'aborted';
    const first = await this.#password(request, password);
    if (first !== 'code-needed') return first;
    const [code] = (await request.ask(['Verification code: '])) ?? [];
    return code === undefined || code === '' ? 'code-needed' : this.#password(request, password, code);
  }
}

function grantedOr(answer: LoginAnswer): Granted | (string & {}) {
  return answer.ok ? answer : answer.reason;
}
