import { useEffect, useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { formatSpan } from '../../lib/format.ts';
import { Button, ErrorNotice, Notice, toast, useAction } from '../../ui/index.ts';
import { texts } from './texts.ts';

const AGAIN_MS = 3000;

/** A policy that waits to be confirmed: how long it has, and the button that keeps it. */
export function Countdown({ until, onChange }: { until: string; onChange: () => void }) {
  const t = texts();
  const [now, setNow] = useState(Date.now());
  const left = Math.max(0, (new Date(until).getTime() - now) / 1000);
  const isOver = left === 0;
  const { busy, error, run } = useAction();
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (!isOver) return undefined;
    onChange();
    // The clock of the gateway may be behind this one.
    const timer = setInterval(onChange, AGAIN_MS);
    return () => clearInterval(timer);
  }, [isOver]);
  const keep = async () => {
    await gateway.call('POST /api/v1/policies/confirm', { body: {} });
    toast(t.confirmed);
    onChange();
  };
  return (
    <Notice tone="warn">
      <div class="row">
        {/* Said once, not every second. */}
        <span role="timer">{t.unconfirmed(formatSpan(Math.ceil(left)))}</span>
        <Button small kind="primary" icon="check" busy={busy} onClick={() => run(keep)}>
          {t.confirm}
        </Button>
      </div>
      {error === undefined ? null : <ErrorNotice error={error} />}
    </Notice>
  );
}
