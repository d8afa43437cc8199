import { useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { formatDateTime } from '../../lib/format.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Button,
  ConfirmDialog,
  Dialog,
  Empty,
  Form,
  FormEnd,
  Panel,
  Table,
  TextField,
  Time,
  toast,
  useAction,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

/** Keys and certificates that sign nobody in over SSH any more, whoever they belong to. */
export function Revocations() {
  const t = texts();
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<string | undefined>(undefined);
  const revoked = useResource('ssh revocations', (signal) =>
    gateway.call('GET /api/v1/ssh/revocations', { signal }),
  );
  return (
    <Panel
      title={t.revocations}
      flush
      actions={
        <Button small icon="block" onClick={() => setIsAdding(true)}>
          {t.revoke}
        </Button>
      }
    >
      <View of={revoked}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty icon="key" title={t.revocationsNone}>
              {t.revocationsNoneText}
            </Empty>
          ) : (
            <Table
              caption={t.revocations}
              rows={rows}
              keyOf={({ mark }) => mark}
              columns={[
                { title: t.mark, cell: ({ mark }) => <code>{mark}</code> },
                { title: t.reason, cell: ({ reason }) => reason || <span class="dim">–</span> },
                {
                  title: t.revokedAt,
                  cell: ({ revokedAt, revokedBy }) => (
                    <span class="nowrap">
                      <Time at={revokedAt}>{formatDateTime(revokedAt)}</Time>{' '}
                      <span class="dim">
                        {t.createdBy} {revokedBy}
                      </span>
                    </span>
                  ),
                },
                {
                  title: words().remove,
                  quiet: true,
                  cell: ({ mark }) => (
                    <span class="actions">
                      <Button
                        kind="plain"
                        small
                        icon="trash"
                        label={`${words().remove}: ${mark}`}
                        onClick={() => setLeaving(mark)}
                      />
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </View>
      {isAdding ? <Revoke onClose={() => setIsAdding(false)} onDone={revoked.reload} /> : null}
      {leaving === undefined ? null : (
        <ConfirmDialog
          title={t.unrevokeTitle}
          action={t.unrevoke}
          danger
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await gateway.call('DELETE /api/v1/ssh/revocations', { query: { mark: leaving } });
            toast(t.unrevoked);
            revoked.reload();
          }}
        >
          <p>
            <code>{leaving}</code>
          </p>
          <p>{t.unrevokeText}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function Revoke({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = texts();
  const [mark, setMark] = useState('');
  const [reason, setReason] = useState('');
  const { busy, error, run } = useAction();
  const revoke = async () => {
    await gateway.call('POST /api/v1/ssh/revocations', {
      body: { mark: mark.trim(), ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
    });
    toast(t.revoked);
    onDone();
  };
  return (
    <Dialog title={t.revokeTitle} onClose={onClose}>
      <Form onSubmit={() => run(revoke, onClose)}>
        <p>{t.revokeText}</p>
        <TextField label={t.mark} hint={t.markHint} value={mark} onInput={setMark} mono required />
        <TextField label={t.reason} hint={t.reasonHint} value={reason} onInput={setReason} maxLength={200} />
        <FormEnd action={t.revoke} busy={busy} error={error} onClose={onClose} />
      </Form>
    </Dialog>
  );
}
