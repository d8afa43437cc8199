import { block } from '../decision.ts';
import type { BuiltInRule } from './built-in.ts';

/** CONNECT reaches only `forwardProxy.connectPorts`: a tunnel to any port would be a way around every firewall. */
export function connectPorts(ports: readonly number[]): BuiltInRule {
  const name = 'connect-ports';
  const set = new Set(ports);
  return {
    name,
    decide: ({ method, port }) =>
      method !== 'CONNECT' || set.has(port)
        ? undefined
        : block(
            name,
            'connect-port-closed',
            `CONNECT to port ${port} is not allowed, only to ${ports.join(', ')}`,
          ),
    whyNot: ({ method, port }) =>
      method === 'CONNECT' ? `CONNECT to port ${port} is allowed` : 'the request is not CONNECT',
  };
}

/** Plain HTTP reaches 80, 443 and what is not a well-known port of another protocol. */
export const httpPorts: BuiltInRule = {
  name: 'http-ports',
  decide: ({ method, port }) =>
    method === 'CONNECT' || port >= 1024 || port === 80 || port === 443
      ? undefined
      : block(
          'http-ports',
          'http-port-closed',
          `plain HTTP to port ${port} is not allowed, only to 80, 443 and from 1024 on`,
        ),
  whyNot: ({ method, port }) =>
    method === 'CONNECT' ? 'the request is CONNECT' : `plain HTTP to port ${port} is allowed`,
};
