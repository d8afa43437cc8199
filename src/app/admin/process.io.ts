import type { ChildSeam } from '../child-seam.io.ts';
import { runDoorProcess } from '../door-process.io.ts';
import { ADMIN_TOPICS, openAdmin } from './admin.io.ts';

/** The SSH door as a process. Resolves with the exit code. */
export function runAdmin(seam: ChildSeam): Promise<number> {
  return runDoorProcess({ role: 'admin', topics: ADMIN_TOPICS, open: openAdmin }, seam);
}
