import { useEffect, useState } from 'preact/hooks';
import { type Fault, faultsOf } from '../../lib/faults.ts';
import { checkPolicy } from '../../lib/open-answers.ts';
import type { PolicyCheck } from '../../lib/types.ts';

/** So long after the last key the gateway is asked what it thinks. */
const QUIET_MS = 500;

export interface Checked {
  /** `undefined`: the text was not checked yet. */
  readonly check: PolicyCheck | undefined;
  readonly faults: readonly Fault[];
  readonly error: Error | undefined;
}

const NOTHING: Checked = { check: undefined, faults: [], error: undefined };

/** What the gateway says about a text, without putting it in force. */
export function useCheck(text: string): Checked {
  const [state, setState] = useState<Checked & { readonly text: string }>({ ...NOTHING, text: '' });
  useEffect(() => {
    if (text === '') return undefined;
    const own = new AbortController();
    const timer = setTimeout(() => {
      checkPolicy(text, own.signal).then(
        (check) => setState({ ...NOTHING, check, text }),
        (error: Error) => {
          if (own.signal.aborted) return;
          const faults = faultsOf(error);
          setState({ ...NOTHING, text, faults, error: faults.length > 0 ? undefined : error });
        },
      );
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      own.abort();
    };
  }, [text]);
  return state.text === text ? state : { ...NOTHING, faults: state.faults };
}
