export { Egress, egressMetrics, type EgressOptions, type Target } from './egress.ts';
export { failure, STATUS_OF, type Failure, type ProxyError } from './failure.ts';
export { DestinationGuard, type OwnSocket, type Reach } from './guard.ts';
export type { ParentSettings } from './parents.ts';
export { isPublicAddress } from './public-address.ts';
export { readParents } from './parent-secrets.io.ts';
export { tunnel } from './tunnel.ts';
export type { Upstream } from './upstream.ts';
export { WireStream } from './wire-stream.io.ts';
