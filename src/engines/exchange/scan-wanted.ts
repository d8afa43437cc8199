import type { PolicyDecision } from '../policy/index.ts';

/**
 * The profile by which a body is to be scanned; `off`: by none. A rule that names one goes before the door's own
 * (`usual`); where neither wants a scan, a rule that asks for a fact of the body gets the cheap ones.
 */
export function scanWanted(
  { scan, needs }: Pick<PolicyDecision, 'scan' | 'needs'>,
  usual: string,
  cheap: readonly PolicyDecision['needs'][number][] = ['file-type', 'size'],
): string {
  const wanted = scan ?? usual;
  if (wanted !== 'off') return wanted;
  return cheap.some((fact) => needs.includes(fact)) ? 'hashes' : 'off';
}
