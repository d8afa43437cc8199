import { createServer, connect, type Server, type Socket } from 'node:net';

/**
 * Frames between two processes of the gateway, or of the gateway and its command line: one JSON document a
 * line over a Unix socket. Both ends bound the length of a frame and what waits unsent.
 */
export interface Channel {
  /** False: the channel is closed, or so much waits unsent that the frame was not taken. */
  send(frame: object): boolean;
  /** Sends what waits, then closes. */
  close(): void;
  destroy(): void;
}

export interface ChannelEvents {
  onFrame(frame: unknown): void;
  /** Once, whoever closed. */
  onClose(): void;
}

export interface ChannelLimits {
  readonly frameBytesMax: number;
  readonly unsentBytesMax: number;
}

export interface UnixServer {
  /** Stops listening, cuts every connection and removes the socket file. */
  close(): Promise<void>;
}

export interface UnixServerOptions {
  readonly path: string;
  readonly limits: ChannelLimits;
  readonly connectionsMax: number;
  accept(channel: Channel): ChannelEvents;
}

export async function listenUnix(options: UnixServerOptions): Promise<UnixServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    openChannel(socket, options.limits, (channel) => options.accept(channel));
  });
  server.maxConnections = options.connectionsMax;
  await listening(server, options.path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // Accepting can fail later (descriptors): the next connection is tried again by itself.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/** Rejects with the system's error: `ENOENT`, `ECONNREFUSED` (nobody listens), `EACCES`. */
export function connectUnix(
  path: string,
  limits: ChannelLimits,
  events: (channel: Channel) => ChannelEvents,
): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(openChannel(socket, limits, events));
    });
  });
}

function openChannel(
  socket: Socket,
  limits: ChannelLimits,
  events: (channel: Channel) => ChannelEvents,
): Channel {
  const channel: Channel = {
    send: (frame) => {
      if (socket.destroyed || socket.writableEnded || socket.writableLength > limits.unsentBytesMax)
        return false;
      socket.write(`${JSON.stringify(frame)}\n`);
      return true;
    },
    close: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
  const { onFrame, onClose } = events(channel);
  const receive = frameReader(limits.frameBytesMax, onFrame);
  socket.on('data', (chunk) => {
    if (!receive(chunk)) socket.destroy();
  });
  // The close event follows and says it all.
  socket.on('error', () => undefined);
  socket.once('close', () => onClose());
  return channel;
}

/** Cuts a byte stream into frames. False: a line is too long or no JSON, and the stream is lost. */
export function frameReader(frameBytesMax: number, onFrame: (frame: unknown) => void) {
  let pieces: Buffer[] = [];
  let bytes = 0;
  return (chunk: Buffer): boolean => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      if (bytes + end > frameBytesMax) return false;
      const line =
        pieces.length === 0 ? rest.subarray(0, end) : Buffer.concat([...pieces, rest.subarray(0, end)]);
      pieces = [];
      bytes = 0;
      rest = rest.subarray(end + 1);
      const frame = parseLine(line);
      if (frame === undefined) return false;
      onFrame(frame);
    }
    if (rest.length > 0) pieces.push(rest);
    bytes += rest.length;
    return bytes <= frameBytesMax;
  };
}

function parseLine(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    // No JSON: the other end is not one of ours.
    return undefined;
  }
}
