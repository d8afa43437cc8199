import type { FileVerdict, Finding } from '../../kernel/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';

/** What a client is told of a block: for the header fields that AV clients read. */
export interface Threat {
  /** Type of X-Infection-Found: 0 virus, 1 policy, 2 container that cannot be looked into. */
  readonly type: 0 | 1 | 2;
  /** One word for machines: `EICAR-Test-File`, `encrypted`, the name of a rule. */
  readonly name: string;
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
