import { useState } from 'preact/hooks';
import { gateway, session } from '../../lib/api.ts';
import { formatDateTime } from '../../lib/format.ts';
import { defineTexts } from '../../lib/language.ts';
import type { ConfigVersion } from '../../lib/types.ts';
import { usePages } from '../../lib/use-pages.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import {
  Button,
  ConfirmDialog,
  Diff,
  Empty,
  ErrorNotice,
  Loading,
  PageHead,
  Panel,
  saveAs,
  Table,
  Time,
  toast,
  useInPassing,
  View,
  words,
} from '../../ui/index.ts';
import { diffLines } from './diff-lines.ts';

const texts = defineTexts(
  {
    author: 'Author',
    back: 'Go back…',
    backAction: 'Go back',
    backDone: (number: number) => `The configuration is what it was in version ${number}`,
    backText: 'A new version is made that equals the old one; nothing is lost. This would change:',
    backTitle: (number: number) => `Go back to version ${number}?`,
    changes: 'What changed',
    export: 'Export all',
    lead: 'Every change to the configuration is a numbered version. Any of them can be put in force again.',
    nothing: 'Nothing would change.',
    secret: 'Only a secret changed; it is not shown.',
    none: 'There are no versions yet',
    number: 'Version',
    time: 'Time',
    what: 'What',
  },
  {
    author: 'Von',
    back: 'Zurück…',
    backAction: 'Zurückgehen',
    backDone: (number) => `Die Konfiguration ist wieder die von Version ${number}`,
    backText:
      'Es entsteht eine neue Version, die der alten gleicht; nichts geht verloren. Das würde sich ändern:',
    backTitle: (number) => `Zurück zu Version ${number}?`,
    changes: 'Was sich geändert hat',
    export: 'Alles exportieren',
    lead: 'Jede Änderung der Konfiguration ist eine nummerierte Version. Jede lässt sich wieder in Kraft setzen.',
    nothing: 'Nichts würde sich ändern.',
    secret: 'Nur ein Geheimnis änderte sich; es wird nicht gezeigt.',
    none: 'Es gibt noch keine Versionen',
    number: 'Version',
    time: 'Zeit',
    what: 'Was',
  },
);

const LIMIT = 50;

export function Page() {
  const t = texts();
  const [open, setOpen] = useState<number | undefined>(undefined);
  const [going, setGoing] = useState<number | undefined>(undefined);
  const versions = usePages<ConfigVersion>('versions', (cursor, signal) =>
    gateway.call('GET /api/v1/config/versions', { query: { limit: LIMIT, cursor }, signal }),
  );
  const run = useInPassing();
  const save = async () => {
    const document = await gateway.call('GET /api/v1/config/document');
    saveAs('sallyport-config.json', JSON.stringify(document, undefined, 2));
  };
  const newest = versions.items[0]?.number;
  const shown = versions.items.find(({ number }) => number === (open ?? newest));
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        <Button icon="download" onClick={() => run(save)}>
          {t.export}
        </Button>
      </PageHead>
      {versions.error === undefined ? null : <ErrorNotice error={versions.error} onAgain={versions.again} />}
      {versions.items.length === 0 ? (
        versions.loading ? (
          <Loading />
        ) : (
          <Empty title={t.none} />
        )
      ) : (
        <div class="columns">
          <Panel flush title={pageTitle.value}>
            <Table
              caption={pageTitle.value}
              rows={versions.items}
              keyOf={({ number }) => number}
              onRow={({ number }) => setOpen(number)}
              isSelected={({ number }) => number === shown?.number}
              columns={[
                {
                  title: t.number,
                  right: true,
                  cell: ({ number }) => (
                    <button type="button" class="link" onClick={() => setOpen(number)}>
                      {number}
                    </button>
                  ),
                },
                { title: t.time, cell: ({ at }) => <Time at={at}>{formatDateTime(at)}</Time> },
                { title: t.author, cell: ({ author }) => <span class="nowrap">{author}</span> },
                { title: t.what, cell: ({ summary }) => <span class="wrap-anywhere">{summary}</span> },
              ]}
            />
            {versions.hasMore ? (
              <div class="panel-body">
                <Button small busy={versions.loading} onClick={versions.more}>
                  {words().more}
                </Button>
              </div>
            ) : null}
          </Panel>
          {shown === undefined ? null : (
            <Panel
              title={`${t.changes}: ${shown.number}`}
              actions={
                session.value?.role === 'admin' && shown.number !== newest ? (
                  <Button small onClick={() => setGoing(shown.number)}>
                    {t.back}
                  </Button>
                ) : undefined
              }
            >
              <Changes of={shown} />
            </Panel>
          )}
        </div>
      )}
      {going === undefined || newest === undefined ? null : (
        <GoBack
          number={going}
          newest={newest}
          onClose={() => setGoing(undefined)}
          onDone={() => {
            setOpen(undefined);
            versions.again();
          }}
        />
      )}
    </>
  );
}

function Changes({ of }: { of: ConfigVersion }) {
  const t = texts();
  const lines = diffLines(of.diff ?? []);
  return lines.length === 0 ? <p class="dim">{t.secret}</p> : <Diff lines={lines} label={t.changes} />;
}

function GoBack(props: { number: number; newest: number; onClose: () => void; onDone: () => void }) {
  const t = texts();
  const { number, newest } = props;
  const change = useResource(`diff ${newest} ${number}`, (signal) =>
    gateway.call('GET /api/v1/config/versions/{number}/diff', {
      params: { number: String(newest) },
      query: { to: String(number) },
      signal,
    }),
  );
  return (
    <ConfirmDialog
      title={t.backTitle(number)}
      action={t.backAction}
      onClose={props.onClose}
      onConfirm={async () => {
        await gateway.call('POST /api/v1/config/rollback', { body: { version: number } });
        toast(t.backDone(number));
        props.onDone();
      }}
    >
      <p>{t.backText}</p>
      <View of={change}>
        {({ diff }) =>
          diff.length === 0 ? (
            <p class="dim">{t.nothing}</p>
          ) : (
            <Diff lines={diffLines(diff)} label={t.changes} />
          )
        }
      </View>
    </ConfirmDialog>
  );
}
