import { GatewayError } from '../../kernel/index.ts';
import { subjectOf, type PolicyFacts, type Ticket } from '../../engines/policy/index.ts';
import { answerGoOn, answerRejected } from './answers.ts';
import type { ProxyContext } from './context.ts';
import type { Exchange } from './exchange.ts';

/**
 * A person has read a warning and goes on: the link of its page comes back on the site itself, sealed by us. Every
 * edge knows before the browser is sent back to where it wanted to go. `undefined`: the link is none of ours, too
 * old, or somebody else's; the request is decided like any other.
 */
export function goOn(
  context: ProxyContext,
  exchange: Exchange,
  facts: PolicyFacts,
  path: string,
): Promise<void> | undefined {
  const { warnings } = context.access;
  const ticket =
    exchange.method === 'GET' ? warnings.read(path, subjectOf(facts), exchange.timeMs) : undefined;
  return ticket === undefined ? undefined : remember(context, exchange, ticket);
}

async function remember(context: ProxyContext, exchange: Exchange, ticket: Ticket): Promise<void> {
  try {
    await context.access.warnings.grant(ticket, exchange.timeMs);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return answerRejected(context, exchange, AWAY);
  }
  return answerGoOn(context, exchange, ticket.url);
}

const AWAY = {
  status: 503,
  code: 'PROXY_CONTROL_AWAY',
  detail: 'The gateway cannot remember your choice at the moment; go back and try again in a minute.',
};
