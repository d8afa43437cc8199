import ssh2, { type AuthContext, type Connection, type KeyboardAuthContext, type ServerChannel } from 'ssh2';
import { isCertificateAlgorithm, string } from '../../protocols/ssh-keys/index.ts';
import type { WireSocket } from './wire-socket.ts';

/**
 * The SSH library, and all that is known of it. RFC 8709, RFC 8731, RFC 5647 and the encrypt-then-MAC modes: what
 * OpenSSH has preferred since 2014; group 16 is for clients that know no curves. No SHA-1, CBC, NIST curves for the
 * exchange, or compression.
 */
const ALGORITHMS = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org', 'diffie-hellman-group16-sha512'],
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['chacha20-poly1305@openssh.com', 'aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
  compress: ['none'],
} as const;

export interface KeyShown {
  readonly algorithm: string;
  readonly blob: Uint8Array;
  /** Absent: the client only asks whether the key would do. */
  readonly proof: { readonly signed: Uint8Array; readonly signature: Uint8Array } | undefined;
}

/** One request of the client to be signed in. Exactly one of the answers is given. */
export interface SignInRequest {
  readonly user: string;
  readonly method: 'key' | 'password' | 'interactive' | 'other';
  readonly key: KeyShown | undefined;
  readonly password: string | undefined;
  accept(): void;
  refuse(): void;
  /** `undefined`: the client has begun something else. With `interactive` only. */
  ask(prompts: readonly string[]): Promise<readonly string[] | undefined>;
}

export interface PtyFacts {
  readonly term: string;
  readonly columns: number;
  readonly rows: number;
}

/** What goes wrong inside one connection ends it, and nothing else. */
export interface ConnectionEvents {
  onSignIn(request: SignInRequest): void;
  onReady(): void;
  /** `undefined`: no more of them. */
  onSession(): SessionEvents | undefined;
  onRefused(what: Refused): void;
  onError(error: Error): void;
}

export type Refused =
  | 'forwarding'
  | 'subsystem'
  | 'agent'
  | 'x11'
  | 'env'
  | 'second-shell'
  | 'scp'
  | 'channels'
  | 'pty';

export interface SessionEvents {
  /** False: refused. */
  onPty(facts: PtyFacts): boolean;
  onResize(columns: number, rows: number): void;
  onNoColor(): void;
  /** `command` undefined: a shell. */
  onStart(channel: SshChannel, command: string | undefined): void;
}

/** One running shell or command: text to the client, bytes from it. */
export interface SshChannel {
  /** Resolves when the client may be sent more. */
  write(text: string): Promise<void>;
  writeError(text: string): Promise<void>;
  onData(listener: (bytes: Uint8Array) => void): void;
  /** The client says no more. */
  onEnd(listener: () => void): void;
  onClose(listener: () => void): void;
  /** Tells the exit status and closes. */
  exit(code: number): void;
}

export interface SshServer {
  connect(socket: WireSocket, events: ConnectionEvents): { end(): void };
}

/** `hostKeys`: PEM. Throws when one cannot be used. */
export function createSshServer(hostKeys: readonly string[], banner: string): SshServer {
  const server = new ssh2.Server({
    hostKeys: hostKeys.flatMap(hostKeysOf),
    // RFC 4253 §4.2: nothing that tells a version of ours.
    ident: 'sallyport',
    ...(banner === '' ? {} : { banner: `${banner}\n` }),
    algorithms: ALGORITHMS as never, // the types list names; the library takes those of its own table
    keepaliveInterval: 30_000,
    keepaliveCountMax: 3,
  });
  const pending = new WeakMap<object, { socket: WireSocket; events: ConnectionEvents }>();
  server.on('connection', (connection) => {
    // The library keeps the socket that it was given under this name; not in the types.
    const { _sock: given } = connection as unknown as { readonly _sock: object };
    const found = pending.get(given);
    if (found !== undefined) serve(connection, found.socket, found.events);
  });
  return {
    connect: (socket, events) => {
      pending.set(socket, { socket, events });
      server.injectSocket(socket as never); // a Duplex with the parts of a socket that the library uses
      return { end: () => socket.end() };
    },
  };
}

/**
 * The library signs with SHA-1 for every RSA key (`ssh-rsa`), whatever algorithms are asked for: it knows the kind
 * by the type of the key. Under the name of one algorithm it does that one.
 */
function hostKeysOf(pem: string): readonly (ssh2.EncryptedPrivateKey | string)[] {
  const key = ssh2.utils.parseKey(pem);
  if (key instanceof Error) throw key;
  if (key.type !== 'ssh-rsa') return [pem];
  return ['rsa-sha2-512', 'rsa-sha2-256'].map((type) => ({
    // A parsed key is taken as it is; the types ask for bytes.
    key: Object.create(key, { type: { value: type } }) as never,
    passphrase: '',
  }));
}

function serve(connection: Connection, socket: WireSocket, events: ConnectionEvents): void {
  connection.on('error', (error) => events.onError(error));
  connection.on('authentication', (context) => events.onSignIn(requestOf(context)));
  connection.on('ready', () => events.onReady());
  connection.on('session', (accept, reject) => {
    const session = events.onSession();
    if (session === undefined) return void reject();
    serveSession(accept(), socket, session, events);
  });
  connection.on('request', (_accept, reject, name) => {
    if (name === ('no-more-sessions@openssh.com' as string)) return;
    events.onRefused('forwarding');
    reject?.();
  });
  connection.on('tcpip', (_accept, reject) => {
    events.onRefused('forwarding');
    reject();
  });
  connection.on('openssh.streamlocal' as never, (_accept: unknown, reject: () => void) => {
    events.onRefused('forwarding');
    reject();
  });
}

function serveSession(
  session: ssh2.Session,
  socket: WireSocket,
  own: SessionEvents,
  events: ConnectionEvents,
): void {
  const refuse = (what: Refused) => (_accept: unknown, reject: (() => void) | undefined) => {
    events.onRefused(what);
    reject?.();
  };
  session.on('env', (accept, reject, { key }) => {
    // Not an environment, but a wish about colors (no-color.org) that everybody may have.
    if (key === 'NO_COLOR') {
      own.onNoColor();
      return void accept?.();
    }
    refuse('env')(accept, reject);
  });
  session.on('x11', refuse('x11'));
  session.on('auth-agent', refuse('agent'));
  session.on('sftp', refuse('subsystem'));
  session.on('subsystem', refuse('subsystem'));
  session.on('signal', (_accept, reject: (() => void) | undefined) => reject?.());
  session.on('pty', (accept, reject, info) => {
    // The types leave it out; the library has it (RFC 4254 §6.2).
    const { term, cols: columns, rows } = info as ssh2.PseudoTtyInfo & { readonly term?: string };
    if (own.onPty({ term: term ?? '', columns, rows })) return void accept?.();
    events.onRefused('pty');
    reject?.();
  });
  session.on('window-change', (accept, _reject, { cols, rows }) => {
    own.onResize(cols, rows);
    accept?.();
  });
  session.on('shell', (accept) => start(accept(), socket, own, undefined));
  session.on('exec', (accept, _reject, { command }) => start(accept(), socket, own, command));
}

function start(
  channel: ServerChannel | undefined,
  socket: WireSocket,
  own: SessionEvents,
  command: string | undefined,
): void {
  // Nothing comes when the session has one already (RFC 4254 §6.5: one program a session).
  if (channel === undefined) return;
  channel.on('error', () => undefined);
  own.onStart(channelOf(channel, socket), command);
}

function channelOf(channel: ServerChannel, socket: WireSocket): SshChannel {
  let open = true;
  channel.on('close', () => {
    open = false;
  });
  const write = async (stream: NodeJS.WritableStream, text: string): Promise<void> => {
    if (!open || text === '') return;
    const { promise, resolve } = Promise.withResolvers<void>();
    // When the client goes away, the library never answers.
    channel.once('close', resolve);
    stream.write(text, () => resolve());
    await promise;
    channel.off('close', resolve);
    await socket.room();
  };
  return {
    write: (text) => write(channel, text),
    writeError: (text) => write(channel.stderr, text),
    onData: (listener) => void channel.on('data', listener),
    onEnd: (listener) => void channel.on('end', listener),
    onClose: (listener) => void channel.on('close', listener),
    exit: (code) => {
      if (!open) return;
      open = false;
      channel.exit(code);
      channel.end();
    },
  };
}

function requestOf(context: AuthContext): SignInRequest {
  const user = context.username;
  const accept = (): void => context.accept();
  const refuse = (): void => context.reject(['publickey', 'keyboard-interactive', 'password']);
  const base = {
    user,
    key: undefined,
    password: undefined,
    accept,
    refuse,
    ask: () => Promise.resolve(undefined),
  };
  if (context.method === 'publickey') return { ...base, method: 'key', key: keyOf(context) };
  if (context.method === 'password') return { ...base, method: 'password', password: context.password };
  if (context.method === 'keyboard-interactive') {
    return { ...base, method: 'interactive', ask: (prompts) => ask(context, prompts) };
  }
  return { ...base, method: 'other' };
}

function ask(
  context: KeyboardAuthContext,
  prompts: readonly string[],
): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    context.once('abort', () => resolve(undefined));
    const shown = prompts.map((prompt) => ({ prompt, echo: false }));
    context.prompt(shown, '', '', (answers: unknown) => {
      // An abort comes here as an error, too.
      const texts = Array.isArray(answers) ? answers.map(String) : undefined;
      resolve(texts?.length === prompts.length ? texts : undefined);
    });
  });
}

/**
 * The library knows plain keys alone: it takes the name of the algorithm off a signature, and makes DER of those of
 * ECDSA. Certificates it hands through as they came, which is what lets us check them ourselves.
 */
function keyOf(context: ssh2.PublicKeyAuthContext): KeyShown {
  const { key, blob, signature, hashAlgo } = context;
  const algorithm = key.algo;
  const shown = { algorithm, blob: key.data };
  if (signature === undefined || blob === undefined) return { ...shown, proof: undefined };
  if (isCertificateAlgorithm(algorithm)) return { ...shown, proof: { signed: blob, signature } };
  if (algorithm.startsWith('sk-')) {
    // Behind the value: one byte of flags, four of the counter (PROTOCOL.u2f).
    const [value, token] = [signature.subarray(0, -5), signature.subarray(-5)];
    const whole = Buffer.concat([string(algorithm), string(value), token]);
    return { ...shown, proof: { signed: blob, signature: whole } };
  }
  const name =
    algorithm === 'ssh-rsa' && hashAlgo !== undefined ? `rsa-sha2-${hashAlgo.slice(3)}` : algorithm;
  const value = algorithm.startsWith('ecdsa-') ? fromDer(signature) : signature;
  return { ...shown, proof: { signed: blob, signature: Buffer.concat([string(name), string(value)]) } };
}

/** SEQUENCE of two INTEGER, of below 256 bytes, as the library writes it; back to RFC 5656 §3.1.2. */
function fromDer(der: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  let at = (der[1] ?? 0) > 127 ? 3 : 2;
  while (at + 2 <= der.length && parts.length < 2) {
    const length = der[at + 1] ?? 0;
    parts.push(string(der.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return Buffer.concat(parts);
}
