import type { DoorName } from '../../kernel/index.ts';
import { criteriaOf } from './condition.ts';
import type { Condition, PolicyDocument } from './document.ts';
import { type Phase, PHASES } from './facts.ts';

export interface Unknowable {
  /** Number of the rule in the document. */
  readonly at: number;
  /** Name of the criterion that never fits there. */
  readonly criterion: string;
  readonly reason: string;
  readonly hint: string;
}

/** Doors that serve no exchange of the web: the policy is not asked there. */
const WITHOUT_POLICY: ReadonlySet<string> = new Set<DoorName>(['ssh', 'auth-portal', 'web-reputation']);

/** Rules that ask for what nobody can know where they are asked: they would stay silent for ever. */
export function unknowableRules({ rules }: PolicyDocument): readonly Unknowable[] {
  return rules.flatMap(({ enabled, when }, at) => {
    const found = enabled ? (closedDoor(when) ?? tooEarly(when) ?? hiddenInTunnel(when)) : undefined;
    return found === undefined ? [] : [{ at, ...found }];
  });
}

type Found = Omit<Unknowable, 'at'> | undefined;

function closedDoor(when: Condition): Found {
  const doors = textsOf(when['door']);
  if (doors.length === 0) return undefined;
  if (doors.every((name) => WITHOUT_POLICY.has(name))) {
    const reason = `${doors.join(', ')} serves nothing that rules decide about`;
    const hint = 'Name forward-proxy, access-gateway, icap or api, or leave door out';
    return { criterion: 'door', reason, hint };
  }
  const phases = textsOf(when['phase']);
  // Files that are handed in for analysis have no exchange around them.
  if (doors.every((name) => name === 'api') && phases.length > 0 && !phases.includes('request-body')) {
    const reason = `the door api asks in phase request-body only, and the rule in ${phases.join(', ')}`;
    return { criterion: 'phase', reason, hint: 'Write phase: request-body, or leave phase out' };
  }
  return undefined;
}

function tooEarly(when: Condition): Found {
  const phases = textsOf(when['phase']);
  if (phases.length === 0) return undefined;
  const last = Math.max(...phases.map((name) => PHASES.indexOf(name as Phase)));
  for (const [{ name, knownFrom }] of criteriaOf(when)) {
    if (knownFrom === undefined || PHASES.indexOf(knownFrom) <= last) continue;
    const reason = `${name} is known from phase ${knownFrom} on, and the rule asks in ${phases.join(', ')}`;
    return { criterion: name, reason, hint: `Write phase: ${knownFrom}, or leave phase out` };
  }
  return undefined;
}

function hiddenInTunnel(when: Condition): Found {
  const methods = textsOf(when['method']);
  if (methods.length !== 1 || methods[0] !== 'CONNECT') return undefined;
  for (const [{ name, knownFrom }] of criteriaOf(when)) {
    if (knownFrom === undefined) continue;
    const reason = `${name} cannot be seen in a tunnel, and the rule is about CONNECT`;
    return { criterion: name, reason, hint: 'Ask for host or port, or leave method out' };
  }
  return undefined;
}

/** Values of `door`, `phase` and `method` are lists of texts by the schema. */
function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
