import { useEffect, useRef } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { formatCount } from '../../lib/format.ts';
import { hrefOf } from '../../lib/router.ts';
import type { RenderedList } from '../../lib/types.ts';
import { useResource } from '../../lib/use-resource.ts';
import { Button, CopyButton, Panel, Table, View, words } from '../../ui/index.ts';
import { texts } from './texts.ts';

interface Address {
  readonly format: string;
  readonly about: string;
  readonly path: string;
}

/** Where one list is, in each format, ready to be put into another product. */
export function Addresses({ name, onClose }: { name: string; onClose: () => void }) {
  const t = texts();
  const list = useResource(`export ${name}`, (signal) =>
    gateway.call('GET /api/v1/exports/{name}', { params: { name }, signal }),
  );
  const place = useRef<HTMLDivElement>(null);
  // It may be below what can be seen.
  useEffect(() => place.current?.scrollIntoView({ block: 'nearest' }), [list.data !== undefined]);
  return (
    <div ref={place}>
      <Panel
        title={t.addresses(name)}
        flush
        actions={<Button kind="plain" small icon="cross" label={words().close} onClick={onClose} />}
      >
        <View of={list}>
          {({ formats, taxii, rendered, public: isPublic }) => (
            <>
              <Formats
                caption={t.addresses(name)}
                rows={[...formats, { format: 'taxii', about: t.taxiiAbout, path: taxii }]}
                rendered={rendered as readonly RenderedList[]}
              />
              {isPublic === true ? null : (
                <p class="panel-note dim small">
                  {t.token} <a href={hrefOf('access')}>{t.tokens}</a>
                </p>
              )}
            </>
          )}
        </View>
      </Panel>
    </div>
  );
}

function Formats(props: { caption: string; rows: readonly Address[]; rendered: readonly RenderedList[] }) {
  const t = texts();
  return (
    <Table
      caption={props.caption}
      rows={props.rows}
      keyOf={({ format }) => format}
      columns={[
        {
          title: t.format,
          cell: ({ format, about, path }) => (
            <>
              <strong class="mono">{format}</strong> <span class="dim small">{about}</span>
              <p>
                <code>{urlOf(path)}</code>
              </p>
            </>
          ),
        },
        {
          title: t.entries,
          right: true,
          wide: true,
          cell: ({ format }) => <Written of={props.rendered.find((each) => each.format === format)} />,
        },
        {
          title: words().copy,
          quiet: true,
          cell: ({ path, format }) => (
            <span class="actions">
              <CopyButton text={urlOf(path)} label={`${words().copy}: ${format}`} />
            </span>
          ),
        },
      ]}
    />
  );
}

function Written({ of }: { of: RenderedList | undefined }) {
  const t = texts();
  if (of === undefined) return <span class="dim small">{t.notWritten}</span>;
  const skipped = Object.values(of.skipped).reduce((sum, count) => sum + count, 0);
  return (
    <>
      {formatCount(of.entries)}
      {skipped === 0 ? null : <p class="dim small">{t.leftOut(formatCount(skipped))}</p>}
    </>
  );
}

function urlOf(path: string): string {
  return location.origin + path;
}
