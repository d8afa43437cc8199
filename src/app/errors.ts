import { defineErrors, EXIT, GatewayError, messageOf, type ErrorKind } from '../kernel/index.ts';

export const appErrors = defineErrors({
  PORT_TAKEN: {
    kind: 'unavailable',
    message: 'port {port} ({key}) is taken{holder}',
    hint: "see who has it with: ss -ltnp 'sport = :{port}' - then end that program, or choose another port with {key}",
    exit: EXIT.portTaken,
  },
  PORT_DENIED: {
    kind: 'config',
    message: 'this user may not open port {port} ({key})',
    hint: 'start with the right to bind ports below 1024 (CAP_NET_BIND_SERVICE), or use --port-offset 20000',
  },
  CLIENT_CA_UNREADABLE: {
    kind: 'config',
    message: 'the authorities of client certificates in {path} cannot be used: {reason}',
    hint: 'Give a readable file with one or more certificates in PEM form',
  },
  BIND_ADDRESS: {
    kind: 'config',
    message: 'the address {address} cannot be opened on port {port} ({key}): {errno}',
    hint: 'give addresses of this machine with --bind or the key bind',
  },
  ALREADY_RUNNING: {
    kind: 'refused',
    message: 'a gateway is already running on {dataDir} (process {pid})',
    hint: 'stop it with: sallyport stop - or start this one with its own --data-dir',
    exit: EXIT.state,
  },
  DATA_DIR: {
    kind: 'config',
    message: 'the data directory {dataDir} cannot be used: {reason}',
    hint: 'give a directory that this user may write to with --data-dir',
    exit: EXIT.state,
  },
  NOT_RUNNING: {
    kind: 'unavailable',
    message: 'no gateway is running on {dataDir}',
    hint: 'start it with: sallyport start - or name its data directory with --data-dir',
    exit: EXIT.notRunning,
  },
  GATEWAY_LOST: {
    kind: 'unavailable',
    message: 'the gateway went away before it answered',
    hint: 'look at its log; the command may have been carried out',
  },
  CHILD_LOST: {
    kind: 'unavailable',
    message: 'the {role} process ended while it started: {why}',
    hint: 'the lines above say why',
  },
  CHILD_SLOW: {
    kind: 'unavailable',
    message: 'the {role} process was not ready after {seconds} seconds',
    hint: 'the lines above say what it waits for',
  },
  RELOAD_NEEDS_RESTART: {
    kind: 'config',
    message: '{key} cannot change while the gateway runs',
    hint: 'set it back, or restart: sallyport stop && sallyport start',
  },
  RELOAD_ONE_PROCESS: {
    kind: 'refused',
    message: 'a gateway in one process (--edges 0) cannot be reloaded',
    hint: 'restart it, or start it with --edges 1 or more',
  },
  RELOAD_NOT_NOW: {
    kind: 'refused',
    message: 'the gateway is {state}: it cannot be reloaded now',
    hint: 'wait until sallyport status says running',
  },
  GIVING_BUSY: {
    kind: 'limit',
    message: 'another backup or bundle is being made at this moment',
    hint: 'try again when it is done',
  },
  BUS_AWAY: {
    kind: 'unavailable',
    message: 'the control process is away',
    hint: 'it is restarted by itself; try again in a moment',
  },
  BUS_TIMEOUT: {
    kind: 'unavailable',
    message: 'the control process did not answer {method} in {timeoutMs} ms',
    hint: 'try again; when it stays so, look at the log',
  },
  BUS_METHOD: { kind: 'bug', message: 'control has no method {method}' },
  NEEDS_RUNNING: {
    kind: 'unavailable',
    message: '{words} needs the running gateway',
    hint: 'start it with: sallyport start',
    exit: EXIT.notRunning,
  },
  BAD_NUMBER: {
    kind: 'config',
    message: '{option} takes a whole number from 1, not "{value}"',
    hint: 'for example {option} 50',
  },
  SCAN_PROFILE: {
    kind: 'config',
    message: 'there is no scan profile "{profile}"',
    hint: 'the profiles are {profiles}; further ones are made with the setting scan.profiles',
  },
  NO_LOG: {
    kind: 'unavailable',
    message: 'the application log is with the service manager: the gateway keeps lines only while it runs',
    hint: 'use journalctl -u sallyport, or show log --access for the access log',
  },
  FILE_EXISTS: {
    kind: 'refused',
    message: '{path} exists already',
    hint: 'choose another name, or remove that file first',
  },
  FILE_UNWRITABLE: {
    kind: 'unavailable',
    message: '{path} cannot be written: {reason}',
    hint: 'choose a folder that the user of the gateway may write to',
  },
  NOT_THE_APPLIANCE: {
    kind: 'refused',
    message: 'the gateway does not change {what} here: this is not the appliance ({marker} is not there)',
    hint: 'as root of the machine: {hand}',
    exit: EXIT.refused,
  },
  NOT_THE_APPLIANCE_FILE: {
    kind: 'refused',
    message: 'the settings of this gateway are in a file that somebody else manages',
    hint: 'put {keys} into {file}, then run: reload',
    exit: EXIT.refused,
  },
  MACHINE_FAILED: {
    kind: 'unavailable',
    message: '{what} could not be changed: {reason}',
    hint: 'files are as they were before; the log of the machine says more',
  },
  MACHINE_VALUE: {
    kind: 'config',
    message: '"{value}" is no {what}',
    hint: 'help with the words of the command shows an example',
    exit: EXIT.usage,
  },
  MACHINE_NOT_SURE: {
    kind: 'refused',
    message: '{words} ends every connection of this gateway',
    hint: 'to do it all the same: {words} --yes',
    exit: EXIT.refused,
  },
  PROGRAM_MISSING: {
    kind: 'unavailable',
    message: 'the program {program} of the machine cannot be run: {reason}',
    hint: 'install it; on Debian: apt-get install iputils-ping for ping',
  },
  SSH_ROLE: {
    kind: 'refused',
    message: '{words} needs the role admin, and {user} is {role}',
    hint: 'somebody with the role admin may run it, or give it: user role {user} admin',
    exit: EXIT.refused,
  },
  SSH_SESSION_OVER: {
    kind: 'refused',
    message: 'this session is over: it was closed, or the gateway has forgotten it in a restart',
    hint: 'sign in again',
    exit: EXIT.refused,
  },
  SSH_FILE: {
    kind: 'refused',
    message: '{name} names a file, and over SSH there are none',
    hint: 'run the command on the machine itself, or hand the content to the API',
    exit: EXIT.refused,
  },
  UNKNOWN_COMMAND: {
    kind: 'refused',
    message: 'the running gateway has no command {words}',
    hint: 'the gateway may be another version: compare sallyport version with sallyport status',
    exit: EXIT.usage,
  },
  BAD_REQUEST: {
    kind: 'peer',
    message: 'the request on the control socket is not understood',
    hint: 'use the sallyport command of the same version',
    exit: EXIT.usage,
  },
  CHANGED_MEANWHILE: {
    kind: 'refused',
    message: 'somebody else has changed it since it was read',
    hint: 'Read it again, and send the change with the new ETag in If-Match',
    exit: EXIT.refused,
  },
  IDEMPOTENCY_KEY_USED: {
    kind: 'refused',
    message: 'this Idempotency-Key came with another request before',
    hint: 'Make a new key for each new request; the same key is for sending one request again',
    exit: EXIT.refused,
  },
});

/** An error as it travels between processes and to the command line. */
export interface ErrorFrame {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string | undefined;
  readonly exit: number | undefined;
  /** The single things that are wrong with a file, where the error lists them. */
  readonly problems?: readonly unknown[];
}

export function toErrorFrame(error: unknown): ErrorFrame {
  if (!(error instanceof GatewayError)) {
    return { code: 'BUG', kind: 'bug', message: messageOf(error), hint: undefined, exit: EXIT.bug };
  }
  const exit = error.details['exit'];
  const problems = error.details['problems'];
  return {
    code: error.code,
    kind: error.kind,
    message: error.message,
    hint: error.hint,
    exit: typeof exit === 'number' ? exit : undefined,
    ...(Array.isArray(problems) ? { problems } : {}),
  };
}

export function fromErrorFrame(frame: ErrorFrame): GatewayError {
  // The texts come as details: a brace in them is not a slot to fill.
  const spec = { code: frame.code, kind: frame.kind, message: '{message}' };
  return new GatewayError(frame.hint === undefined ? spec : { ...spec, hint: '{hint}' }, {
    message: frame.message,
    hint: frame.hint,
    exit: frame.exit,
    ...(frame.problems === undefined ? {} : { problems: frame.problems }),
  });
}
