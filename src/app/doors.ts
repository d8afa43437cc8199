import type { DoorName } from '../kernel/index.ts';

/**
 * The doors that this version has. Names alone, so that the supervisor loads none of their code; a test
 * compares them with the catalogue.
 */
export const BUILT_DOORS: readonly DoorName[] = ['ssh', 'forward-proxy', 'api', 'web-reputation', 'icap'];
