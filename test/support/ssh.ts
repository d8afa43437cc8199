import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild, startChild, type Child } from './child.ts';
import type { CommandResult, Gateway } from './gateway.ts';
import { peerPath } from './peers.ts';
import { tempDir, type Scope } from './scope.ts';

/** OpenSSH's client against one gateway, with files of its own: nothing of the machine's own configuration. */
export interface SshLab {
  readonly dir: string;
  readonly port: number;
  /** Options that every client takes. */
  readonly options: readonly string[];
  /** Makes a key pair and gives the path of its private part. */
  keygen(name: string, ...options: readonly string[]): Promise<string>;
  /** One command, signed in with a key. */
  run(key: string, command: readonly string[], more?: readonly string[]): Promise<CommandResult>;
  /** The same with answers to what the server asks, in their order. */
  interactive(
    answers: readonly string[],
    command: readonly string[],
    more?: readonly string[],
  ): Promise<CommandResult>;
  /** A client that stays: `stdin` is typed, at a terminal of the system. */
  open(key: string, ...more: readonly string[]): Child;
}

const TIMEOUT_MS = 90_000;

export async function sshLab(scope: Scope, gateway: Gateway): Promise<SshLab> {
  const dir = await tempDir(scope, 'ssh');
  const port = gateway.ports.ssh ?? 0;
  const options = [
    '-F',
    'none',
    '-o',
    `UserKnownHostsFile=${join(dir, 'known_hosts')}`,
    '-o',
    'StrictHostKeyChecking=accept-new',
    '-o',
    'IdentityAgent=none',
    '-o',
    'LogLevel=ERROR',
  ];
  const where = ['-p', String(port), 'admin@127.0.0.1'];
  const withKey = (key: string): readonly string[] => [
    '-i',
    key,
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'BatchMode=yes',
  ];
  const ssh = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
    runChild(scope, peerPath('ssh'), args, { env, timeoutMs: TIMEOUT_MS });
  let asked = 0;
  return {
    dir,
    port,
    options,
    keygen: async (name, ...more) => {
      const path = join(dir, name);
      const made = await runChild(scope, peerPath('ssh-keygen'), [
        '-q',
        '-N',
        '',
        '-C',
        name,
        '-f',
        path,
        ...more,
      ]);
      if (made.code !== 0) throw new Error(made.stderr);
      return path;
    },
    run: (key, command, more = []) => ssh([...options, ...withKey(key), ...more, ...where, '--', ...command]),
    interactive: async (answers, command, more = []) => {
      // ssh asks a program where it has no terminal: it gives one answer after the other.
      const base = join(dir, `answers-${++asked}`);
      await writeFile(base, `${answers.join('\n')}\n`);
      const script = `#!/bin/sh\nhead -n 1 '${base}'; sed -i 1d '${base}'\n`;
      await writeFile(`${base}.sh`, script, { mode: 0o700 });
      const env = { SSH_ASKPASS: `${base}.sh`, SSH_ASKPASS_REQUIRE: 'force' };
      const methods = ['-o', 'PubkeyAuthentication=no', '-o', 'NumberOfPasswordPrompts=1'];
      return ssh([...options, ...methods, ...more, ...where, '--', ...command], env);
    },
    open: (key, ...more) =>
      startChild(scope, peerPath('ssh'), [...options, ...withKey(key), ...more, ...where]),
  };
}
