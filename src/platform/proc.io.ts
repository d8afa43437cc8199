import { readdir, readFile, readlink } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const SETTLE_MS = 2000;

/** Calls the listener for each of the signals; the return value takes it away again. */
export function onSignals(
  signals: readonly NodeJS.Signals[],
  listener: (signal: NodeJS.Signals) => void,
): () => void {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/** Something that identifies a process beyond its number, which the system reuses: its start in clock ticks. */
export function processStart(pid: number): string | undefined {
  try {
    // proc(5): the name in parentheses may hold anything, so fields count from the last parenthesis; 22 is starttime.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie holds nothing any more: it counts as gone.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    // No such process, or not to be seen.
    return undefined;
  }
}

export interface PortHolder {
  readonly pid: number;
  readonly program: string;
}

/**
 * Who has a TCP port, as far as this user may see it: who listens there, else whose connection happens to use
 * it as its own end (ports of the system's range for outgoing connections).
 */
export async function holderOfPort(port: number): Promise<PortHolder | undefined> {
  const sockets = socketsOn((await textOf('/proc/net/tcp')) + (await textOf('/proc/net/tcp6')), port);
  const listening = sockets.filter((socket) => socket.listens);
  const found = listening.length > 0 ? listening : sockets;
  const inodes = new Set(found.map(({ inode }) => `socket:[${inode}]`));
  if (inodes.size === 0) return undefined;
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry) || !(await holdsAny(entry, inodes))) continue;
    return { pid: Number(entry), program: await programOf(entry) };
  }
  return undefined;
}

/** Sockets on a port in a table of proc(5); state 0A listens. */
export function socketsOn(
  table: string,
  port: number,
): readonly { readonly inode: string; readonly listens: boolean }[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, local = '', , state] = fields;
    const inode = fields[9];
    // Sockets without an inode belong to nobody any more (TIME_WAIT).
    if (!local.endsWith(suffix) || inode === undefined || inode === '0') return [];
    return [{ inode, listens: state === '0A' }];
  });
}

/** The name of the program file and, of an interpreter, of the script. Other arguments may hold secrets. */
async function programOf(pid: string): Promise<string> {
  const [program = '', script = ''] = (await textOf(`/proc/${pid}/cmdline`)).split('\0');
  if (program === '') return (await textOf(`/proc/${pid}/comm`)).trim();
  const name = basename(program);
  return /^(node|python|perl|ruby|java|sh|bash)/.test(name) && script !== '' && !script.startsWith('-')
    ? `${name} ${basename(script)}`
    : name;
}

async function holdsAny(pid: string, links: ReadonlySet<string>): Promise<boolean> {
  // Processes of other users, and those that end meanwhile, cannot be looked into.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (links.has(link)) return true;
  }
  return false;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}

/**
 * For a process that has started. Node keeps compiled code for the next start, and writes it when the process
 * ends; ours may be killed, so it is written now.
 */
export function saveCompiledCode(): void {
  afterStart(flushCompileCache);
}

/**
 * For a process that is on no data path: saves its compiled code, and gives back the memory that only loading took. Not
 * for edges: for some seconds of load after it they spend a tenth more processor time on a request, and keep the slowest
 * one in a hundred waiting three times as long (bench `proxy-get`).
 */
export function settle(): void {
  afterStart(() => {
    flushCompileCache();
    giveBackMemory();
  });
}

/** Later than everything that a start waits for. */
function afterStart(work: () => void): void {
  setTimeout(work, SETTLE_MS).unref();
}

/**
 * Loading grows the young generation to its full size, and an idle process would keep it. V8 shrinks it in a last-resort
 * collection alone; an ordinary one makes it larger still.
 */
function giveBackMemory(): void {
  setFlagsFromString('--expose-gc');
  // A context made after the flag has the function; ours was made before.
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
