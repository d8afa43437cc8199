import { join } from 'node:path';
import type { CommandIo, Result } from '../kernel/index.ts';
import { connectUnix, isErrno, runningSupervisor, socketAnswers, socketDir } from '../platform/index.ts';
import { CONTROL_LIMITS, type ControlReply, type ControlRequest } from './control/socket.io.ts';
import { appErrors, fromErrorFrame } from './errors.ts';

export type GatewayRequest = Omit<ControlRequest, 'id'>;

/** True while a gateway runs on the data directory, also while its control process is being restarted. */
export async function isRunning(dataDir: string): Promise<boolean> {
  return runningSupervisor(dataDir) !== undefined || (await socketAnswers(controlSocket(dataDir)));
}

/** Runs a command in the running gateway. NOT_RUNNING (exit 5) when there is none. */
export async function askGateway(
  dataDir: string,
  request: GatewayRequest,
  onProgress: CommandIo['progress'],
): Promise<Result> {
  const answer = Promise.withResolvers<Result>();
  try {
    const channel = await connectUnix(controlSocket(dataDir), CONTROL_LIMITS, () => ({
      onFrame: (frame) => {
        if (!isReply(frame)) answer.reject(appErrors.GATEWAY_LOST());
        else if ('result' in frame) answer.resolve(frame.result);
        else if ('error' in frame) answer.reject(fromErrorFrame(frame.error));
        else onProgress(frame.progress.step, frame.progress.done, frame.progress.total);
      },
      onClose: () => answer.reject(appErrors.GATEWAY_LOST()),
    }));
    channel.send({ id: 1, ...request });
    answer.promise.catch(() => undefined);
    return await answer.promise.finally(() => channel.destroy());
  } catch (error) {
    const absent = isErrno(error, 'ENOENT') || isErrno(error, 'ECONNREFUSED') || isErrno(error, 'ENOTDIR');
    if (!absent) throw error;
    throw runningSupervisor(dataDir) === undefined
      ? appErrors.NOT_RUNNING({ dataDir })
      : appErrors.BUS_AWAY();
  }
}

/** Waits for the end of a gateway that is stopping. */
export async function untilGone(dataDir: string, sleep: () => Promise<void>): Promise<void> {
  while (runningSupervisor(dataDir) !== undefined) await sleep();
}

function controlSocket(dataDir: string): string {
  return join(socketDir(dataDir), 'control.sock');
}

function isReply(frame: unknown): frame is ControlReply {
  return (
    typeof frame === 'object' &&
    frame !== null &&
    ('result' in frame || 'error' in frame || 'progress' in frame)
  );
}
