import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Scope } from './scope.ts';

export interface MailServer {
  readonly port: number;
  /** Letters that came, with what was said before each. */
  readonly letters: readonly {
    readonly commands: readonly string[];
    readonly text: string;
    readonly isTls: boolean;
  }[];
  /** Answers of this command instead of the usual one, until it is taken out. */
  readonly answers: Map<string, string>;
}

export interface MailServerOptions {
  readonly cert: string;
  readonly key: string;
  readonly security: 'starttls' | 'tls' | 'none';
}

/** A server of SMTP that takes every letter and remembers what it was told. */
export async function startMailServer(
  scope: Scope,
  { cert, key, security }: MailServerOptions,
): Promise<MailServer> {
  const letters: { commands: string[]; text: string; isTls: boolean }[] = [];
  const answers = new Map<string, string>();
  const sockets = new Set<Socket>();
  const secureContext = createSecureContext({ cert, key });
  const secured = (socket: Socket): TLSSocket => new TLSSocket(socket, { isServer: true, secureContext });

  const serve = (socket: Socket, isTls: boolean, greet: boolean): void => {
    let text = '';
    let letter: string | undefined;
    const commands: string[] = [];
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (letter !== undefined && line !== '.') letter += `${line.replace(/^\./, '')}\r\n`;
        else if (letter !== undefined) {
          letters.push({ commands: [...commands], text: letter, isTls });
          letter = undefined;
          say(answers.get('.') ?? '250 taken');
        } else {
          commands.push(line);
          const word = line.split(/[ :]/)[0]!.toUpperCase();
          const given = answers.get(word);
          if (given !== undefined) say(given);
          else if (word === 'EHLO')
            say(
              `250-mx\r\n250-AUTH PLAIN LOGIN${security === 'starttls' && !isTls ? '\r\n250 STARTTLS' : '\r\n250 HELP'}`,
            );
          else if (word === 'STARTTLS') {
            say('220 go');
            socket.removeAllListeners('data');
            serve(secured(socket), true, false);
            return;
          } else if (word === 'AUTH') say('235 in');
          else if (word === 'DATA') {
            letter = '';
            say('354 go');
          } else say(word === 'QUIT' ? '221 bye' : '250 ok');
        }
      }
    });
    if (greet) say('220 mx ESMTP');
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (security === 'tls') serve(secured(socket), true, true);
    else serve(socket, false, true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, letters, answers };
}
