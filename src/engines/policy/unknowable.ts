import type { DoorName } from '../../kernel/index.ts';
import { criteriaOf } from './condition.ts';
import type { Condition, PolicyDocument } from './document.ts';
import { type Phase, PHASES } from './facts.ts';
import { contradicts } from './shadow.ts';

export interface Unknowable {
  /** Number of the rule in the document. */
  readonly at: number;
  /** What never fits there: a criterion, `any`, or `not`. */
  readonly criterion: string;
  readonly reason: string;
  readonly hint: string;
}

/** Doors that serve no exchange of the web: the policy is not asked there. */
const WITHOUT_POLICY: ReadonlySet<string> = new Set<DoorName>(['ssh', 'auth-portal', 'web-reputation']);

/** Rules that ask for what nobody can know where they are asked, or for what they exclude: they would stay silent for ever. */
export function unknowableRules(document: PolicyDocument): readonly Unknowable[] {
  return document.rules.flatMap(({ enabled, when }, at) => {
    const found = enabled ? (neverIn(when, NOWHERE) ?? contradictionIn(when, document)) : undefined;
    return found === undefined ? [] : [{ at, ...found }];
  });
}

type Found = Omit<Unknowable, 'at'> | undefined;

/** What a condition, and those around it, say of where they are asked; `undefined`: anywhere. */
interface Place {
  readonly door: readonly string[] | undefined;
  readonly phase: readonly string[] | undefined;
  readonly method: readonly string[] | undefined;
}

const NOWHERE: Place = { door: undefined, phase: undefined, method: undefined };

function neverIn(when: Condition, outer: Place): Found {
  const place = placeOf(when, outer);
  return (
    closedDoor(place) ??
    tooEarly(when, place) ??
    hiddenInTunnel(when, place) ??
    neverInAny(when, place) ??
    neverInNot(when, place)
  );
}

/** What an alternative says of the place narrows what is said around it. */
function placeOf(when: Condition, outer: Place): Place {
  const narrowed = (name: keyof Place): readonly string[] | undefined => {
    const own = textsOf(when[name]);
    const around = outer[name];
    if (own === undefined || around === undefined) return own ?? around;
    return around.filter((each) => own.includes(each));
  };
  return { door: narrowed('door'), phase: narrowed('phase'), method: narrowed('method') };
}

function closedDoor({ door: doors, phase: phases }: Place): Found {
  if (doors === undefined || doors.length === 0) return undefined;
  if (doors.every((name) => WITHOUT_POLICY.has(name))) {
    const reason = `${doors.join(', ')} serves nothing that rules decide about`;
    const hint = 'Name forward-proxy, access-gateway, icap or api, or leave door out';
    return { criterion: 'door', reason, hint };
  }
  // Files that are handed in for analysis have no exchange around them.
  if (doors.every((name) => name === 'api') && phases !== undefined && !phases.includes('request-body')) {
    const reason = `the door api asks in phase request-body only, and the rule in ${phases.join(', ')}`;
    return { criterion: 'phase', reason, hint: 'Write phase: request-body, or leave phase out' };
  }
  return undefined;
}

function tooEarly(when: Condition, { phase: phases }: Place): Found {
  if (phases === undefined || phases.length === 0) return undefined;
  const last = Math.max(...phases.map((name) => PHASES.indexOf(name as Phase)));
  for (const [{ name, knownFrom }] of criteriaOf(when)) {
    if (knownFrom === undefined || PHASES.indexOf(knownFrom) <= last) continue;
    const reason = `${name} is known from phase ${knownFrom} on, and the rule asks in ${phases.join(', ')}`;
    return { criterion: name, reason, hint: `Write phase: ${knownFrom}, or leave phase out` };
  }
  return undefined;
}

function hiddenInTunnel(when: Condition, { method: methods }: Place): Found {
  if (methods?.length !== 1 || methods[0] !== 'CONNECT') return undefined;
  for (const [{ name, knownFrom }] of criteriaOf(when)) {
    if (knownFrom === undefined) continue;
    const reason = `${name} cannot be seen in a tunnel, and the rule is about CONNECT`;
    return { criterion: name, reason, hint: 'Ask for host or port, or leave method out' };
  }
  return undefined;
}

function neverInAny({ any = [] }: Condition, place: Place): Found {
  const found = any.map((each) => neverIn(each, place));
  const [first] = found;
  if (first === undefined || found.some((each) => each === undefined)) return undefined;
  const reason = found.length === 1 ? first.reason : `no alternative of any can be met: ${first.reason}`;
  return { criterion: 'any', reason, hint: first.hint };
}

/** What cannot be known is not excluded either; but one criterion that can be known may do. */
function neverInNot({ not = [] }: Condition, place: Place): Found {
  for (const each of not) {
    const [only, ...more] = [...criteriaOf(each)];
    if (only === undefined || more.length > 0 || each.not !== undefined || each.any !== undefined) continue;
    const found = tooEarly(each, place) ?? hiddenInTunnel(each, place);
    if (found !== undefined) return { ...found, criterion: 'not' };
  }
  return undefined;
}

function contradictionIn(when: Condition, document: PolicyDocument): Found {
  if (!contradicts(when, document)) return undefined;
  const reason = 'everything that it asks for is excluded by its own not';
  return { criterion: 'not', reason, hint: 'Let not name less than the rest of the rule' };
}

/** Values of `door`, `phase` and `method` are lists of texts by the schema. */
function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
}
