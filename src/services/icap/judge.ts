import type { FileVerdict, Finding, IncompleteReason } from '../../kernel/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';
import { plainDecision } from '../../engines/policy/index.ts';

/** What a client is told of a block: for the header fields that AV clients read. */
export interface Threat {
  /** Type of X-Infection-Found: 0 virus, 1 policy, 2 container that cannot be looked into. */
  readonly type: 0 | 1 | 2;
  /** One word for machines: `EICAR-Test-File`, `encrypted`, the name of a rule. */
  readonly name: string;
}

/** What is done about a body that no rule of the policy has refused. */
export interface BodyRules {
  readonly incomplete: 'block' | 'allow';
}

/**
 * The verdict over the body on top of what policy says of it:
 * - policy refuses: that stands;
 * - malicious: refused. Who wants such a file to pass allows its hash or takes it out of the scan;
 * - not looked at as a whole: refused, unless a rule of the document allows it or the setting does.
 */
export function judgeBody(decision: PolicyDecision, file: FileVerdict, rules: BodyRules): PolicyDecision {
  if (decision.decision === 'block') return decision;
  if (file.verdict === 'malicious') {
    return refuse(decision, file, 'file-malicious', ['file-malicious', foundSentence(file)]);
  }
  const [incomplete] = file.incomplete;
  const isOpen = rules.incomplete === 'allow' || decision.line !== undefined;
  if (incomplete === undefined || isOpen || file.verdict === 'clean') return decision;
  const sentence = `the body could not be looked at as a whole: ${INCOMPLETE_WORDS[incomplete.reason]}${incomplete.path === '' ? '' : ` (${incomplete.path})`}`;
  return refuse(decision, file, 'file-incomplete', [`file-${incomplete.reason}`, sentence]);
}

const INCOMPLETE_WORDS: Readonly<Record<IncompleteReason, string>> = {
  encrypted: 'it is encrypted',
  damaged: 'it is damaged',
  limit: 'it is larger or deeper than the gateway looks',
  timeout: 'that took too long',
  unavailable: 'a scanner does not answer',
};

function refuse(
  decision: PolicyDecision,
  file: FileVerdict,
  rule: string,
  reasons: readonly string[],
): PolicyDecision {
  return {
    ...decision,
    ...plainDecision(decision),
    decision: 'block',
    action: 'block',
    rule,
    reasons,
    match: file.matches.find((match) => match.action === 'block'),
    page: undefined,
    line: undefined,
    needs: [],
  };
}

function foundSentence(file: FileVerdict): string {
  const finding = worst(file.findings);
  if (finding !== undefined) {
    const place = finding.path === '' ? '' : ` in ${finding.path}`;
    return `the body is malicious: ${finding.name} (${finding.stage})${place}`;
  }
  const match = file.matches[0];
  return match === undefined
    ? 'the body is malicious'
    : `the body is listed as ${match.category === '' ? 'bad' : match.category} on ${match.feed}`;
}

const ORDER = ['critical', 'high', 'medium', 'low'];

function worst(findings: readonly Finding[]): Finding | undefined {
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))[0];
}

/** What the refusal is about, in one word and its kind. */
export function threatOf(decision: PolicyDecision, file: FileVerdict | undefined): Threat {
  if (file !== undefined && (file.verdict === 'malicious' || file.findings.length > 0)) {
    const name = worst(file.findings)?.name ?? file.matches[0]?.category;
    return { type: 0, name: wordOf(name ?? 'malware') };
  }
  if (file !== undefined && file.incomplete.length > 0) return { type: 2, name: file.incomplete[0]!.reason };
  const { match } = decision;
  if (match !== undefined)
    return { type: 0, name: wordOf(match.category === '' ? match.feed : match.category) };
  return { type: 1, name: wordOf(decision.rule) };
}

/** The fields separate their parts by `;`. */
function wordOf(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]+|;/g, '_').slice(0, 200) || 'unnamed';
}
