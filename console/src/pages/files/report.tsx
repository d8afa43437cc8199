import { formatBytes, formatMs } from '../../lib/format.ts';
import { hrefOf } from '../../lib/router.ts';
import { Badge, Facts, Icon, Notice, Panel } from '../../ui/index.ts';
import '../../ui/explanation.css';
import { type FileReport, VERDICT_TONE } from './model.ts';
import { texts } from './texts.ts';

export function Report({ name, report }: { name: string; report: FileReport }) {
  const t = texts();
  const { verdict, findings, incomplete, quarantine } = report;
  return (
    <Panel
      title={t.result(name)}
      actions={<Badge tone={VERDICT_TONE[verdict]}>{t[`verdict_${verdict}`]}</Badge>}
    >
      <div class="report">
        <div class="stack">
          {findings.length === 0 ? null : (
            <section class="stack-s">
              <h3>{t.findings}</h3>
              <ul class="stack-s">
                {findings.map((finding) => (
                  <li key={`${finding.stage} ${finding.name} ${finding.path}`}>
                    <strong>{finding.name}</strong>
                    <span class="dim">
                      {' '}
                      {finding.stage} · {finding.source} · {finding.severity}
                    </span>
                    {finding.path === '' ? null : (
                      <p>
                        <code>{finding.path}</code>
                      </p>
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )}
          {incomplete.length === 0 ? null : (
            <Notice tone="warn">
              <strong>{t.incomplete}</strong>
              <ul>
                {incomplete.map(({ reason, stage, path, detail }, at) => (
                  <li key={at}>
                    {stage}: {reason} {path === '' ? '' : <code>{path}</code>} {detail}
                  </li>
                ))}
              </ul>
            </Notice>
          )}
          <Facts
            facts={[
              [t.decision, `${report.decision} · ${report.rule}`],
              [t.type, `${report.type.name} (${report.type.media})`],
              [t.bytes, formatBytes(report.bytes)],
              ['SHA-256', <code>{report.sha256}</code>],
              ['SHA-1', <code>{report.sha1}</code>],
              ['MD5', <code>{report.md5}</code>],
              [t.list, report.matches.map(({ feed, entry }) => `${feed}: ${entry}`).join(', ')],
            ]}
          />
          {report.cached ? <p class="dim small">{t.cached}</p> : null}
          {quarantine?.kept === true ? (
            <p>
              <a href={hrefOf('quarantine', { item: quarantine.id })}>{t.quarantined}</a>
            </p>
          ) : null}
        </div>
        <section class="stack-s">
          <h3>{t.stages}</h3>
          <Stages of={report} />
        </section>
      </div>
    </Panel>
  );
}

const STATE_ICON = { done: 'check', skipped: 'minus', failed: 'warning' } as const;

/** In the order that they ran, with what each of them cost. */
function Stages({ of: { stages, findings } }: { of: FileReport }) {
  const t = texts();
  return (
    <ol class="tried">
      {stages.map(({ stage, state, tookMs, why }) => (
        <li key={stage} class={findings.some((finding) => finding.stage === stage) ? 'decided' : undefined}>
          <Icon name={STATE_ICON[state]} />
          <span>
            <strong>{stage}</strong> <span class="dim">{t[`state_${state}`]}</span>
            <span class="dim small">
              {state === 'skipped' ? '' : ` ${formatMs(tookMs)}`} {why}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
