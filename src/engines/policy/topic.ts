import type { PolicyDocument } from './document.ts';
import { isGrant } from './grants.ts';
import type { WebAccess } from './web-access.ts';

export const POLICY_TOPIC = 'policy';

/** The retained topic `policy`: what edges put in force. */
export interface PolicySnapshot {
  readonly version: string;
  readonly document: PolicyDocument;
  /** Seals the links of warnings; base64. */
  readonly key: string;
}

/** Takes the retained topic over in an edge: compiled beside the old one, then in force as a whole. */
export function takePolicy(access: WebAccess, told: unknown): void {
  const snapshot = told as PolicySnapshot | null;
  if (typeof snapshot?.version !== 'string' || !Array.isArray(snapshot.document.rules)) {
    throw new TypeError('the topic policy has an unknown shape');
  }
  if (snapshot.version !== access.policy.version) access.use(snapshot.document, snapshot.version);
  access.warnings.useKey(Buffer.from(snapshot.key, 'base64'));
}

export function takeGrants(access: WebAccess, told: unknown): void {
  const list = (told as { readonly grants?: unknown } | null)?.grants;
  if (!Array.isArray(list)) throw new TypeError('the topic policy-grants has an unknown shape');
  access.warnings.use(list.filter(isGrant));
}
