import { join } from 'node:path';
import { runChild } from './child.ts';
import { peerPath } from './peers.ts';
import type { Scope } from './scope.ts';

/** A program in a terminal of 100 by 30, which somebody types at and looks at. */
export interface Terminal {
  /** Characters; `\r` is Enter, `\t` Tab. */
  type(text: string): Promise<void>;
  /** Keys as tmux calls them: `C-u`, `Up`. */
  keys(...names: readonly string[]): Promise<void>;
  /** As from the clipboard: marked as pasted where the program asked for that. */
  paste(text: string): Promise<void>;
  /** What stands on the screen, without the empty rows at its end. */
  text(): Promise<string>;
  /** Resolves when the screen matches; rejects after a while with what it shows. */
  shows(pattern: RegExp): Promise<void>;
  /** The program has ended. */
  readonly ended: Promise<void>;
}

const TRIES = 600;
const PAUSE_MS = 100;

export async function openTerminal(scope: Scope, command: readonly string[], dir: string): Promise<Terminal> {
  const socket = join(dir, 'tmux.sock');
  const tmux = async (...args: readonly string[]): Promise<{ code: number | null; stdout: string }> =>
    runChild(scope, peerPath('tmux'), ['-S', socket, '-f', '/dev/null', ...args], { env: { TERM: 'xterm' } });
  const line = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  await tmux('new-session', '-d', '-x', '100', '-y', '30', line);
  scope.after(async () => void (await tmux('kill-server')));
  const text = async (): Promise<string> => {
    const { stdout } = await tmux('capture-pane', '-p', '-J');
    return stdout.replace(/\n+$/, '');
  };
  const until = async (done: () => Promise<boolean>, failure: () => Promise<string>): Promise<void> => {
    for (let tries = 0; tries < TRIES; tries++) {
      if (await done()) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    throw new Error(await failure());
  };
  return {
    type: async (typed) => void (await tmux('send-keys', '-l', typed)),
    keys: async (...names) => void (await tmux('send-keys', ...names)),
    paste: async (pasted) => {
      await tmux('set-buffer', '--', pasted);
      await tmux('paste-buffer', '-p');
    },
    text,
    shows: (pattern) =>
      until(
        async () => pattern.test(await text()),
        async () => `the screen does not show ${pattern}:\n${await text()}`,
      ),
    get ended() {
      return until(
        async () => (await tmux('list-sessions')).code !== 0,
        async () => `the program goes on:\n${await text()}`,
      );
    },
  };
}
