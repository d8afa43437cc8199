export { Egress, egressMetrics, type EgressOptions, type Target } from './egress.ts';
export { failure, STATUS_OF, type Failure, type ProxyError } from './failure.ts';
export { DestinationGuard, type OwnSocket } from './guard.ts';
export type { ParentSettings } from './parents.ts';
export { readParents } from './parent-secrets.io.ts';
export { tunnel } from './tunnel.ts';
export type { Upstream } from './upstream.ts';
export { WireStream } from './wire-stream.io.ts';
