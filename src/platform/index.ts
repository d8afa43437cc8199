export { acceptOn, type AcceptOptions, type Acceptor, type Refusal } from './accept.io.ts';
export { systemClock } from './clock.io.ts';
export { Dialer, type Attempt, type DialFailure } from './dial.io.ts';
export { createDns, type DnsAnswer, type DnsFailure } from './dns.io.ts';
export { splice } from './splice.io.ts';
export { SocketWire } from './socket-wire.io.ts';
export {
  bindEverywhere,
  bindPort,
  type BindFailure,
  type ListeningHandle,
  type NativeHandle,
} from './listening-handle.io.ts';
export {
  connectParent,
  forkChild,
  type Child,
  type ForkOptions,
  type Parent,
  type ParentEvents,
} from './child.io.ts';
export {
  connectUnix,
  listenUnix,
  type Channel,
  type ChannelEvents,
  type ChannelLimits,
  type UnixServer,
} from './unix-channel.io.ts';
export { holderOfPort, onSignals, saveCompiledCode, settle, type PortHolder } from './proc.io.ts';
export {
  isErrno,
  makeSocketDir,
  privateDir,
  removeFile,
  removeSocketDir,
  runningSupervisor,
  socketAnswers,
  socketDir,
  takeRunLock,
  type RunLock,
} from './run-files.io.ts';
export {
  copyDatabase,
  lockFile,
  openDatabase,
  SQLITE,
  sqliteCode,
  type Database,
  type DatabaseOptions,
  type DatabaseTransaction,
  type OpenDatabase,
} from './database.io.ts';
export {
  masterKey,
  readSecretFile,
  seal,
  unseal,
  writeSecretFile,
  type SecretFileFailure,
  type SecretFileProblem,
} from './secret-file.io.ts';
export { Waiters } from './waiters.io.ts';
