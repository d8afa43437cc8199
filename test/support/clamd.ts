import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { peerPath } from './peers.ts';
import type { Scope } from './scope.ts';

export interface ClamdProgram {
  readonly socket: string;
  readonly port: number;
  /** At once, without a farewell. */
  kill(): Promise<void>;
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on an address of TCP.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts clamd with the signatures in `DIR/db`, and waits until it answers. */
export async function startProgram(
  scope: Scope,
  dir: string,
  settings: readonly string[] = [],
): Promise<ClamdProgram> {
  const port = await freePort();
  const socket = join(dir, 'clamd.sock');
  await mkdir(join(dir, 'tmp'), { recursive: true });
  const lines = [
    'Foreground yes',
    `DatabaseDirectory ${join(dir, 'db')}`,
    `TemporaryDirectory ${join(dir, 'tmp')}`,
    `LocalSocket ${socket}`,
    'FixStaleSocket yes',
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    'MaxThreads 8',
    'SelfCheck 0',
    ...settings,
  ];
  const file = join(dir, 'clamd.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn(peerPath('clamd'), [`--config-file=${file}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  scope.after(() => end(child, 'SIGTERM'));
  for (let tries = 0; !(await answers(socket)); tries++) {
    if (child.exitCode !== null || tries > 500) throw new Error(`clamd did not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { socket, port, kill: () => end(child, 'SIGKILL') };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.write('zPING\0'));
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString().startsWith('PONG'));
    });
  });
}
