import { GatewayError } from '../../kernel/index.ts';
import type { Ticket } from '../../engines/policy/index.ts';
import { webAnswer } from './answers.ts';
import type { Transaction } from './transaction.ts';

/**
 * A person has read a warning and goes on: the link of its page comes back on the site itself, sealed by us.
 * `undefined`: it is none of ours, too old, or somebody else's; the request is decided like any other.
 */
export function goOn(
  tx: Transaction,
  path: string,
  subject: string,
): Promise<readonly Uint8Array[]> | undefined {
  const ticket = tx.method === 'GET' ? tx.context.access.warnings.read(path, subject, tx.timeMs) : undefined;
  return ticket === undefined ? undefined : remember(tx, ticket);
}

async function remember(tx: Transaction, ticket: Ticket): Promise<readonly Uint8Array[]> {
  try {
    await tx.context.access.warnings.grant(ticket, tx.timeMs);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return webAnswer(tx, {
      status: 503,
      code: 'ICAP_CONTROL_AWAY',
      title: 'Try again in a minute',
      detail: 'The gateway cannot remember your choice at the moment.',
      facts: [],
      http: [],
      icap: [],
    });
  }
  return webAnswer(tx, {
    status: 303,
    code: 'WARNING_READ',
    title: 'Go on',
    detail: 'The gateway remembers for 24 hours that you have read the warning.',
    facts: [],
    http: [['Location', ticket.url]],
    icap: [],
  });
}
