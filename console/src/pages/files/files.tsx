import { useId, useState } from 'preact/hooks';
import { gateway } from '../../lib/api.ts';
import { pageTitle } from '../../lib/title.ts';
import { ErrorNotice, Icon, PageHead } from '../../ui/index.ts';
import './files.css';
import type { FileReport } from './model.ts';
import { Report } from './report.tsx';
import { texts } from './texts.ts';

interface Scan {
  readonly id: number;
  readonly name: string;
  readonly report?: FileReport;
  readonly error?: Error;
}

/** Results that stay on the page. */
const SHOWN_MAX = 20;

export function Page() {
  const t = texts();
  const [scans, setScans] = useState<readonly Scan[]>([]);
  const scan = async (files: readonly File[]) => {
    // One after the other: the gateway is here for others, too.
    for (const file of files) {
      const id = performance.now();
      const settle = (result: Partial<Scan>) =>
        setScans((before) => before.map((each) => (each.id === id ? { ...each, ...result } : each)));
      setScans((before) => [{ id, name: file.name }, ...before].slice(0, SHOWN_MAX));
      try {
        settle({ report: await analyze(file) });
      } catch (error) {
        settle({ error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
  };
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="stack">
        <DropZone onFiles={(files) => void scan(files)} />
        <div class="stack" aria-live="polite">
          {scans.map(({ id, name, report, error }) =>
            report !== undefined ? (
              <Report key={id} name={name} report={report} />
            ) : error !== undefined ? (
              <ErrorNotice key={id} error={error} />
            ) : (
              <section key={id} class="panel panel-body row">
                <Icon name="loading" spin /> {t.scanning(name)}
              </section>
            ),
          )}
        </div>
      </div>
    </>
  );
}

async function analyze(file: File): Promise<FileReport> {
  // As bytes: what the browser takes it for is not asked.
  const body = new Blob([file], { type: 'application/octet-stream' });
  const answer = await gateway.call('POST /api/v1/files', { body, query: { name: file.name } });
  return Array.isArray(answer) ? (answer[0] as FileReport) : (answer as FileReport);
}

function DropZone({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const t = texts();
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  return (
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(drag) => {
        drag.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(drop) => {
        drop.preventDefault();
        setIsOver(false);
        onFiles([...(drop.dataTransfer?.files ?? [])]);
      }}
    >
      <Icon name="upload" />
      <span>
        <input
          id={id}
          class="visually-hidden"
          type="file"
          multiple
          onChange={(change) => {
            onFiles([...(change.currentTarget.files ?? [])]);
            // The same file may be chosen again.
            change.currentTarget.value = '';
          }}
        />
        <label for={id} class="button primary">
          {t.choose}
        </label>{' '}
        {t.drop}
      </span>
      <span class="dim small">{t.leadDrop}</span>
    </div>
  );
}
