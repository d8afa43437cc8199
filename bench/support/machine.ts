import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { processTree, statFields } from '../../test/support/process-tree.ts';

/** Processor time that a process tree has used, in milliseconds (steps of 10). */
export function cpuMs(root: number): number {
  let ticks = 0;
  for (const pid of processTree(root)) {
    const fields = statFields(pid);
    // proc(5): utime and stime are fields 14 and 15, and `statFields` starts at field 3.
    if (fields !== undefined) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10;
}

/** Milliseconds that the edges of a gateway could have run and waited for a core: what others on the machine took from them. */
export function edgeQueuedMs(root: number): number {
  let nanoseconds = 0;
  for (const pid of processTree(root)) {
    if (!readText(`/proc/${pid}/comm`).startsWith('sallyport edge')) continue;
    // Time on the core, time in line for it, turns: of the main thread.
    nanoseconds += Number(readText(`/proc/${pid}/schedstat`).split(' ')[1] ?? 0);
  }
  return nanoseconds / 1e6;
}

/** Empty when the process is gone. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Proportional set size of a process tree in bytes: shared pages count once. */
export function pssBytes(root: number): number {
  return processTree(root).reduce((sum, pid) => sum + pssOf(pid), 0);
}

export function pssOf(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export interface Machine {
  readonly model: string;
  readonly cores: number;
  readonly load: number;
}

export function machine(): Machine {
  const all = cpus();
  return { model: all[0]?.model.trim() ?? 'unknown', cores: all.length, load: loadavg()[0] ?? 0 };
}
