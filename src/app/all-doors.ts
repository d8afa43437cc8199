import type { ServiceModule } from '../kernel/index.ts';
import { sshModule } from '../services/ssh/index.ts';
import { catalogue } from './catalogue.ts';

/** Every door of the gateway: those of the edges, and the one that has a process of its own. */
export const allDoors: readonly Pick<ServiceModule, 'name' | 'summary' | 'ports' | 'metrics'>[] = [
  sshModule,
  ...catalogue,
];
