import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatDateTime } from '../../lib/format.ts';
import { checkPolicy } from '../../lib/open-answers.ts';
import { useResource } from '../../lib/use-resource.ts';
import {
  Button,
  ConfirmDialog,
  Diff,
  Empty,
  Panel,
  Table,
  Time,
  toast,
  View,
  words,
} from '../../ui/index.ts';
import { texts } from './texts.ts';

export function Versions({ onApplied }: { onApplied: () => void }) {
  const t = texts();
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const versions = useResource('policy versions', (signal) =>
    gateway.call('GET /api/v1/policies/versions', { signal }),
  );
  return (
    <Panel title={t.versions} flush>
      <View of={versions}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={t.none} />
          ) : (
            <Table
              caption={t.versions}
              rows={rows}
              keyOf={({ number }) => number}
              columns={[
                { title: t.number, right: true, cell: ({ number }) => number },
                { title: t.time, cell: ({ at }) => <Time at={at}>{formatDateTime(at)}</Time> },
                { title: t.author, cell: ({ author }) => <span class="nowrap">{author}</span> },
                { title: t.what, cell: ({ summary }) => <span class="wrap-anywhere">{summary}</span> },
                {
                  title: t.restore,
                  quiet: true,
                  cell: ({ number }) =>
                    session.value?.role === 'admin' ? (
                      <span class="actions">
                        <Button small onClick={() => setChosen(number)}>
                          {t.restore}
                        </Button>
                      </span>
                    ) : null,
                },
              ]}
            />
          )
        }
      </View>
      {chosen === undefined ? null : (
        <Restore
          number={chosen}
          onClose={() => setChosen(undefined)}
          onDone={() => {
            versions.reload();
            onApplied();
          }}
        />
      )}
    </Panel>
  );
}

/** Shows what going back would change before it is done. */
function Restore({ number, onClose, onDone }: { number: number; onClose: () => void; onDone: () => void }) {
  const t = texts();
  const check = useResource(`policy ${number}`, async (signal) => {
    const { text } = await gateway.call('GET /api/v1/policies/versions/{number}', {
      params: { number: String(number) },
      signal,
    });
    return checkPolicy(text, signal);
  });
  return (
    <ConfirmDialog
      title={t.restoreTitle(number)}
      action={words().apply}
      onClose={onClose}
      onConfirm={async () => {
        await gateway.call('POST /api/v1/policies/rollback', { body: { version: number } });
        toast(t.confirmed);
        onDone();
      }}
    >
      <View of={check}>
        {({ diff }) =>
          diff.length === 0 ? <p class="dim">{t.noDiff}</p> : <Diff lines={diff} label={t.diff} />
        }
      </View>
    </ConfirmDialog>
  );
}
