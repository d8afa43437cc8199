import { formatDuration, type Log, type Metrics, type Wire } from '../../kernel/index.ts';
import { printable } from '../../protocols/terminal/index.ts';
import type { LoginAnswer, SshControl } from './control.ts';
import type { SshEngines } from './engines.ts';
import type { ConnectionEvents, Refused, SessionEvents, SshServer } from './library.ts';
import { Program } from './program.ts';
import { SignIn } from './sign-in.ts';
import { WireSocket } from './wire-socket.ts';

export interface DoorContext extends SshEngines {
  readonly control: SshControl;
  readonly server: SshServer;
  readonly log: Log;
  readonly metrics: Metrics;
}

const NAME_CHARS_MAX = 64;
/** What is said of the end of a session, by why control ended it. */
const ENDS: Readonly<Record<string, string>> = {
  revoked: 'the key or certificate that began it was revoked',
  changed: 'the account has another role or password now, or is gone',
  replaced: 'the account has begun others, and may have no more at once (sessions.perUserMax)',
  control:
    'control, which alone knows who is signed in, was started again; a command that ran may not be done. Sign in anew',
};

/** All connections of the door. */
export class Connections {
  readonly #context: DoorContext;
  readonly #open = new Map<Wire, Connection>();
  #unauthenticated = 0;
  readonly #bySource = new Map<string, number>();

  constructor(context: DoorContext) {
    this.#context = context;
  }

  /** Resolves when the connection is over. */
  async serve(wire: Wire): Promise<void> {
    const { metrics, config } = this.#context;
    const source = wire.peerAddress;
    const fromSource = this.#bySource.get(source) ?? 0;
    const { unauthenticatedMax, unauthenticatedPerSourceMax } = config.ssh;
    if (this.#unauthenticated >= unauthenticatedMax || fromSource >= unauthenticatedPerSourceMax) {
      metrics.counter('ssh_floods_total').add();
      return;
    }
    this.#unauthenticated++;
    this.#bySource.set(source, fromSource + 1);
    let counted = true;
    const known = (): void => {
      if (!counted) return;
      counted = false;
      this.#unauthenticated--;
      const left = (this.#bySource.get(source) ?? 1) - 1;
      if (left > 0) this.#bySource.set(source, left);
      else this.#bySource.delete(source);
    };
    const connection = new Connection(this.#context, wire, known);
    this.#open.set(wire, connection);
    try {
      await connection.over;
    } finally {
      known();
      this.#open.delete(wire);
    }
  }

  drain(): void {
    for (const connection of this.#open.values()) connection.draining();
  }

  isIdle(wire: Wire): boolean {
    return this.#open.get(wire)?.idle ?? true;
  }
}

/** One connection: signed in by one user, with a few sessions in it. */
class Connection implements ConnectionEvents {
  readonly over: Promise<void>;
  readonly #context: DoorContext;
  readonly #wire: Wire;
  readonly #source: string;
  readonly #socket: WireSocket;
  readonly #signIn: SignIn;
  readonly #known: () => void;
  readonly #programs = new Set<Program>();
  #login: (LoginAnswer & { ok: true }) | undefined;
  #sessions = 0;
  #idleTimer: { cancel(): void } | undefined;
  #lifeTimer: { cancel(): void } | undefined;

  constructor(context: DoorContext, wire: Wire, known: () => void) {
    const { config, control } = context;
    this.#context = context;
    this.#wire = wire;
    this.#known = known;
    this.#source = wire.peerAddress;
    // Silence is judged by what somebody types, see `#active`.
    wire.setIdle(0);
    wire.setDeadline(config.ssh.loginGraceMs);
    this.#socket = new WireSocket(wire);
    this.#signIn = new SignIn({
      control,
      source: this.#source,
      attemptsMax: config.ssh.attemptsMax,
      onGranted: (login) => this.#granted(login),
      onRefused: (user, method, reason) => this.#loginRefused(user, method, reason),
      onExhausted: () => this.#socket.end(),
    });
    this.over = new Promise((resolve) => {
      this.#socket.once('close', () => {
        this.#closed();
        resolve();
      });
    });
    this.#socket.on('error', () => undefined);
    context.server.connect(this.#socket, this);
  }

  /** Nothing would be lost. A prompt outlives a reload, and not the gateway. */
  get idle(): boolean {
    if (this.#context.stopping()) return ![...this.#programs].some((program) => program.busy);
    return this.#login === undefined || this.#programs.size === 0;
  }

  draining(): void {
    for (const program of this.#programs) {
      program.say(
        this.#context.stopping()
          ? 'the gateway stops: this session ends'
          : 'the gateway was reloaded: this session goes on for a while, with the settings of before',
      );
    }
  }

  onSignIn(request: Parameters<ConnectionEvents['onSignIn']>[0]): void {
    void this.#signIn.answer(request);
  }

  onReady(): void {
    const { config, later } = this.#context;
    this.#known();
    this.#wire.setDeadline(0);
    this.#lifeTimer = later(config.ssh.lifeMs, () =>
      this.#end(`it lasted ${formatDuration(config.ssh.lifeMs)}`),
    );
    this.#active();
  }

  onSession(): SessionEvents | undefined {
    const login = this.#login;
    const { config, control, clock } = this.#context;
    if (login === undefined) return undefined;
    if (this.#sessions >= config.ssh.channelsMax) {
      this.onRefused('channels');
      return undefined;
    }
    this.#sessions++;
    const program = new Program({
      login,
      control,
      clock,
      settings: config.ssh,
      version: this.#context.version,
      hostName: this.#context.hostName,
      later: this.#context.later,
      onActive: () => this.#active(),
      onCommand: () => this.#context.metrics.counter('ssh_commands_total').add(),
      onRefused: (what) => this.onRefused(what),
      onLineRefused: (what) => this.#lineRefused(what),
      onFault: (error) => this.#context.log.error('ssh.bug', { error }),
      onStarted: () => this.#programs.add(program),
      onOver: () => {
        this.#programs.delete(program);
        this.#sessions--;
        this.#active();
      },
    });
    return program;
  }

  onRefused(what: Refused): void {
    const user = this.#login?.user;
    this.#context.metrics.counter('ssh_refused_total', what).add();
    // Debian's client sends its language with every session: not worth a line each time.
    const level = what === 'env' ? 'debug' : 'warn';
    this.#context.log[level]('ssh.refused', { what, user, source: this.#source });
    if (what !== 'env') this.#event('ssh.refused', user, what);
  }

  /** What was typed and never ran: nothing of the line is kept, it may hold anything. */
  #lineRefused(what: string): void {
    const user = this.#login?.user;
    this.#context.metrics.counter('ssh_refused_total', what).add();
    this.#context.log.info('ssh.line-refused', { what, user, source: this.#source });
    this.#event('ssh.refused', user, what);
  }

  onError(error: Error): void {
    const { log } = this.#context;
    // The library marks what the peer has done; what has no mark was thrown by one of us.
    if ('level' in error || 'code' in error) {
      log.debug('ssh.connection', { source: this.#source, problem: printable(error.message) });
    } else log.error('ssh.bug', { source: this.#source, error });
    this.#socket.destroy();
  }

  #granted(login: LoginAnswer & { ok: true }): boolean {
    const { sessions, metrics, log } = this.#context;
    if (this.#socket.destroyed) {
      void sessions.signOut(login.session).catch(() => undefined);
      return false;
    }
    this.#login = login;
    metrics.counter('ssh_logins_total', 'done').add();
    log.info('ssh.login', { user: login.user, source: this.#source });
    sessions.onClose(login.session, (why) => this.#end(ENDS[why] ?? 'it was closed'));
    return true;
  }

  #loginRefused(name: string, method: string, reason: string): void {
    const user = printable(name.slice(0, NAME_CHARS_MAX));
    this.#context.metrics.counter('ssh_logins_total', 'refused').add();
    this.#context.log.info('ssh.login-refused', { user, source: this.#source, method, reason });
    this.#event('login.refused', user, reason);
  }

  /** Somebody types, or a command has just ended. */
  #active(): void {
    const { config, later, sessions } = this.#context;
    const { idleMs } = config.ssh;
    this.#idleTimer?.cancel();
    if (this.#socket.destroyed) return;
    if (this.#login !== undefined) sessions.touch(this.#login.session);
    this.#idleTimer = later(idleMs, () => {
      // A command that takes long is no silence.
      if ([...this.#programs].some((program) => program.busy)) this.#active();
      else this.#end(`nothing was typed for ${formatDuration(idleMs)}`);
    });
  }

  #end(why: string): void {
    for (const program of this.#programs) program.farewell(`this session ends: ${why}`);
    for (const program of this.#programs) program.stop();
    // What was said goes out first.
    this.#socket.end();
    this.#wire.setDeadline(2000);
  }

  #closed(): void {
    const { sessions, log } = this.#context;
    this.#idleTimer?.cancel();
    this.#lifeTimer?.cancel();
    for (const program of this.#programs) program.stop();
    const login = this.#login;
    if (login === undefined) return;
    log.info('ssh.logout', { user: login.user, source: this.#source });
    sessions.signOut(login.session).catch((error: unknown) => {
      // Control is away, and forgets the session when it comes back.
      log.debug('ssh.sign-out', { error });
    });
  }

  #event(type: string, user: string | undefined, reason: string): void {
    this.#context.events.post({
      timeMs: this.#context.clock.now(),
      type,
      severity: 'warn',
      door: 'ssh',
      source: this.#source,
      user,
      target: undefined,
      reason,
      details: {},
    });
  }
}
