import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { formatMs } from '../../lib/format.ts';
import type { PolicyCheck } from '../../lib/types.ts';
import { Dialog, Diff, Form, FormEnd, SelectField, toast, useAction, words } from '../../ui/index.ts';
import { texts } from './texts.ts';

type Within = 'none' | '1m' | '5m' | '15m';

export function ApplyDialog(props: {
  text: string;
  check: PolicyCheck;
  onApplied: () => void;
  onClose: () => void;
}) {
  const t = texts();
  const [within, setWithin] = useState<Within>('5m');
  const { busy, error, run } = useAction();
  const apply = async () => {
    const done = await gateway.call('POST /api/v1/policies', {
      body: {
        text: props.text,
        ...(within === 'none' ? {} : { confirmWithin: within }),
      },
    });
    toast(t.applied(done.edges?.length ?? 0, formatMs(done.tookMs ?? 0)));
    props.onApplied();
  };
  return (
    <Dialog title={t.applyTitle} onClose={props.onClose}>
      <Form onSubmit={() => run(apply, props.onClose)}>
        <Diff lines={props.check.diff} label={t.diff} />
        <SelectField<Within>
          label={t.confirmLabel}
          hint={t.confirmHint}
          value={within}
          options={[
            ['1m', t.confirmWithin('1 min')],
            ['5m', t.confirmWithin('5 min')],
            ['15m', t.confirmWithin('15 min')],
            ['none', t.confirmNone],
          ]}
          onChange={setWithin}
        />
        <FormEnd action={words().apply} busy={busy} error={error} onClose={props.onClose} />
      </Form>
    </Dialog>
  );
}
