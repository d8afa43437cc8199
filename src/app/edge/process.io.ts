import type { ChildSeam } from '../child-seam.io.ts';
import { runDoorProcess } from '../door-process.io.ts';
import { openEdge } from './edge.io.ts';

/** An edge as a process. Resolves with the exit code. */
export function runEdge(seam: ChildSeam): Promise<number> {
  return runDoorProcess({ role: 'edge', open: openEdge }, seam);
}
