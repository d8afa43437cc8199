import type { Tone } from '../ui/basics.tsx';
import type { IconName } from '../ui/icon.tsx';
import type { StoredEvent } from './types.ts';

/** How an event looks in a list. */
export function toneOf({ type, severity }: StoredEvent): { readonly tone: Tone; readonly icon: IconName } {
  const last = type.slice(type.lastIndexOf('.') + 1);
  if (type.startsWith('decision.')) return DECISIONS[last] ?? { tone: 'note', icon: 'info' };
  if (severity === 'error') return { tone: 'bad', icon: 'cross' };
  if (severity === 'warn') return { tone: 'warn', icon: 'warning' };
  return type.startsWith('aggregate.') ? { tone: 'good', icon: 'check' } : { tone: 'note', icon: 'info' };
}

const DECISIONS: Readonly<Record<string, { readonly tone: Tone; readonly icon: IconName }>> = {
  block: { tone: 'bad', icon: 'block' },
  warn: { tone: 'warn', icon: 'warning' },
  quarantine: { tone: 'warn', icon: 'warning' },
  monitor: { tone: 'note', icon: 'clock' },
  allow: { tone: 'good', icon: 'check' },
};

/** `decision.block` → `block`: the kind stands for itself, the group is in the filter. */
export function shortType(type: string): string {
  return type.startsWith('decision.') ? type.slice('decision.'.length) : type;
}

/** The host of a target, where it has one. */
export function hostOf(target: string | null | undefined): string | undefined {
  if (!target) return undefined;
  const text = target.includes('://') ? target : `http://${target}`;
  try {
    const { hostname } = new URL(text);
    return hostname === '' ? undefined : hostname.replace(/^\[|\]$/g, '');
  } catch {
    return undefined;
  }
}

export function textDetail(event: StoredEvent, name: string): string | undefined {
  const value = event.details?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What can be explained: a request to a host. `CONNECT` names host and port alone. */
export function urlOf({ type, target }: StoredEvent): string | undefined {
  if (!type.startsWith('decision.') || !target) return undefined;
  if (/^https?:\/\//i.test(target)) return target;
  return /^[^\s/]+:\d+$/.test(target) ? `https://${target}/` : undefined;
}
