import { z } from '@hono/zod-openapi';
import { type Input, PORT_TABLE, type PortKey } from '../../kernel/index.ts';
import { runCommand } from './control.ts';
import type { ManagementRoute } from './route.ts';

const host = z.string().min(1).max(253);
const address = z.string().min(1).max(64);
const link = z.string().min(1).max(15).describe('As `ip link` calls it');
const servers = z.array(host).min(1).max(5);
const listeners = PORT_TABLE.map(({ key }) => key) satisfies readonly PortKey[];

const changedSchema = z.looseObject({ changed: z.string() }).openapi('ApplianceChange');

const endpointBody = z.strictObject({ name: host.describe('Fully qualified') }).openapi('Endpoint');
const serversBody = z.strictObject({ servers }).openapi('Servers');
const networkBody = z
  .strictObject({
    interface: link,
    address: address.describe('With its prefix, such as 192.0.2.10/24; or dhcp'),
    gateway: address.optional(),
  })
  .openapi('InterfaceAddress');
const routeBody = z
  .strictObject({
    verb: z.enum(['add', 'remove']),
    interface: link,
    network: address.describe('Destination, such as 10.20.0.0/16'),
    gateway: address,
  })
  .openapi('RouteChange');
const portBody = z
  .strictObject({ listener: z.enum(listeners), enabled: z.boolean() })
  .openapi('ListenerChange');
const proxyBody = z
  .strictObject({ proxy: z.string().min(1).max(270).describe('host:port, or none') })
  .openapi('ParentProxy');
const sureBody = z.strictObject({ sure: z.literal(true) }).openapi('Sure');
const pingBody = z
  .strictObject({ address: host, count: z.int().min(1).max(50).optional().describe('Default: 4') })
  .openapi('Ping');

/**
 * The machine itself, where it is the appliance; elsewhere the answer is 409 and says what to do instead. What these
 * do can cost the connection that asks for it.
 */
export const APPLIANCE_ROUTES: readonly ManagementRoute[] = [
  change('endpoint', 'Set the name of the machine', endpointBody, (body) => ({
    words: 'configure endpoint',
    input: { words: endpointBody.parse(body) },
  })),
  change('ntp', 'Set the time servers of the machine', serversBody, (body) => ({
    words: 'configure ntp',
    input: { rest: serversBody.parse(body).servers },
  })),
  change('dns', 'Set the name servers of the machine', serversBody, (body) => ({
    words: 'configure dns',
    input: { rest: serversBody.parse(body).servers },
  })),
  change('network', 'Set the address of an interface of the machine', networkBody, (body) => ({
    words: 'configure network',
    input: { words: networkBody.parse(body) },
  })),
  change('route', 'Add or remove a route of the machine', routeBody, (body) => ({
    words: 'configure route',
    input: { words: routeBody.parse(body) },
  })),
  change('listener', 'Open or close a listener of the gateway', portBody, (body) => {
    const { listener, enabled } = portBody.parse(body);
    return { words: 'configure port', input: { words: { verb: enabled ? 'enable' : 'disable', listener } } };
  }),
  change('proxy', 'Send what leaves the gateway through another proxy, or none', proxyBody, (body) => ({
    words: 'configure proxy',
    input: { words: proxyBody.parse(body) },
  })),
  change('reboot', 'Restart the machine', sureBody, () => ({
    words: 'reboot',
    input: { options: { yes: true } },
  })),
  change('shutdown', 'Switch the machine off', sureBody, () => ({
    words: 'shutdown',
    input: { options: { yes: true } },
  })),
  {
    method: 'post',
    path: '/api/v1/ping',
    scopes: ['admin'],
    summary: 'Ask another machine for a sign of life',
    body: pingBody,
    success: {
      status: 200,
      schema: z.looseObject({ address: z.string(), answered: z.boolean(), output: z.array(z.string()) }),
    },
    run({ link: control }, { user, body }) {
      const { address: to, count = 4 } = pingBody.parse(body);
      // Two seconds for each that does not come back.
      const timeoutMs = 10_000 + count * 3000;
      const options = { count: String(count) };
      return runCommand(control, 'ping', { words: { address: to }, options, timeoutMs }, user);
    },
  },
];

function change(
  what: string,
  summary: string,
  body: z.ZodType,
  commandOf: (body: unknown) => { readonly words: string; readonly input: Partial<Input> },
): ManagementRoute {
  return {
    method: 'put',
    path: `/api/v1/appliance/${what}`,
    scopes: ['admin'],
    summary,
    body,
    success: { status: 200, schema: changedSchema },
    run({ link: control }, { user, body: given }) {
      const { words, input } = commandOf(given);
      return runCommand(control, words, input, user);
    },
  };
}
