import { gateway } from '../lib/api.ts';
import { hrefOf } from '../lib/router.ts';
import { useResource } from '../lib/use-resource.ts';
import { Badge } from '../ui/basics.tsx';
import { words } from '../ui/words.ts';
import { texts } from './texts.ts';

const EVERY_MS = 10_000;

interface Ready {
  readonly ready: boolean;
  readonly degraded?: readonly string[];
}

/** One sign on every page, with a way to the reasons. */
export function HealthLight() {
  const t = texts();
  const { data, error } = useResource(
    'ready',
    (signal) =>
      (gateway.call('GET /readyz', { signal }) as Promise<Ready>).catch((thrown: unknown): Ready => {
        // 503 says that it is not ready; no answer at all is something else.
        if (thrown instanceof Error && 'status' in thrown && thrown.status === 503) return { ready: false };
        throw thrown;
      }),
    { everyMs: EVERY_MS },
  );
  const state =
    error !== undefined
      ? (['bad', words().unreachable] as const)
      : data === undefined
        ? (['note', words().loading] as const)
        : !data.ready
          ? (['bad', t.down] as const)
          : data.degraded === undefined
            ? (['good', t.healthy] as const)
            : (['warn', t.degraded] as const);
  return (
    <a href={hrefOf('health')} style={{ textDecoration: 'none' }}>
      <Badge tone={state[0]}>{state[1]}</Badge>
    </a>
  );
}
