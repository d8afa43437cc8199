import type { Config } from '../engines/config/index.ts';
import type { PortKey, PortStatus } from '../kernel/index.ts';
import type { ErrorFrame } from './errors.ts';

/** What the supervisor tells its children. Sockets travel beside `handle`. */
export type ToChild =
  | { readonly kind: 'handle'; readonly key: PortKey }
  | { readonly kind: 'start'; readonly start: ChildStart }
  /** To an edge: a newer generation accepts from now on. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'stop'; readonly deadlineMs: number }
  /** To control. */
  | { readonly kind: 'facts'; readonly facts: Facts }
  /** Control takes it over or says why not: `configured`. */
  | { readonly kind: 'config'; readonly config: Config }
  /** Lines of the supervisor's own log. */
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'answer'; readonly id: number; readonly result?: unknown; readonly error?: ErrorFrame };

export type FromChild =
  | { readonly kind: 'ready'; readonly notices: readonly string[] }
  | { readonly kind: 'failed'; readonly error: ErrorFrame }
  | { readonly kind: 'configured'; readonly error?: ErrorFrame }
  /** From control, on behalf of a command. */
  | { readonly kind: 'ask'; readonly id: number; readonly what: 'reload' | 'stop' };

export interface ChildStart {
  readonly config: Config;
  readonly generation: number;
  readonly socketDir: string;
  /** The gateway's name to other proxies (`Via`): the same in all its processes, another in other gateways. */
  readonly name: string;
  /** What is open for this generation. */
  readonly ports: readonly PortStatus[];
  /** To control alone. */
  readonly adminPassword?: string;
  /** True when notices such as a first password are shown to a person at once. */
  readonly terminal: boolean;
}

export type Role = 'supervisor' | 'control' | 'edge' | 'admin';

export interface ProcessFact {
  readonly role: Role;
  readonly pid: number;
  readonly generation: number;
  readonly state: 'starting' | 'ready' | 'draining' | 'waiting' | 'gone';
}

/** What the supervisor alone knows, and control shows. */
export interface Facts {
  readonly pid: number;
  readonly state: 'starting' | 'running' | 'stopping';
  readonly generation: number;
  readonly startedAtMs: number;
  readonly restarts: number;
  readonly generationsCut: number;
  readonly processes: readonly ProcessFact[];
  readonly ports: readonly PortStatus[];
}

export function isFromChild(message: unknown): message is FromChild {
  return hasKind(message, ['ready', 'failed', 'configured', 'ask']);
}

export function isToChild(message: unknown): message is ToChild {
  return hasKind(message, ['handle', 'start', 'drain', 'stop', 'facts', 'config', 'log', 'answer']);
}

function hasKind(message: unknown, kinds: readonly string[]): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    typeof message.kind === 'string' &&
    kinds.includes(message.kind)
  );
}
