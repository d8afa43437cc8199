import { gateway } from '../../lib/api.ts';
import { formatCount, formatDateTime } from '../../lib/format.ts';
import { useResource } from '../../lib/use-resource.ts';
import { pageTitle } from '../../lib/title.ts';
import { Badge, Facts, PageHead, Panel, View } from '../../ui/index.ts';
import { InstallAuthority } from './install.tsx';
import { texts } from './texts.ts';

interface Certificate {
  readonly name: string;
  readonly origin: 'gateway' | 'operator';
  readonly subject: string;
  readonly issuer: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly names: readonly string[];
  readonly fingerprint: string;
}

/** So many days before its end somebody should act. */
const SOON_DAYS = 30;

export function Page() {
  const t = texts();
  const certificates = useResource('certificates', (signal) =>
    gateway.call('GET /api/v1/certificates', { signal }),
  );
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead} />
      <div class="columns">
        <div class="stack">
          <View of={certificates}>
            {(rows) => (
              <>
                {rows.map((row) => (
                  <OneCertificate key={row.name} of={row} />
                ))}
              </>
            )}
          </View>
          <Findings />
        </div>
        <Panel title={t.install}>
          <InstallAuthority />
        </Panel>
      </div>
    </>
  );
}

function OneCertificate({ of }: { of: Certificate }) {
  const t = texts();
  const tone = of.daysLeft < 0 ? 'bad' : of.daysLeft < SOON_DAYS ? 'warn' : 'good';
  const title = of.name === 'authority' ? t.authority : of.name === 'server' ? t.server : of.name;
  return (
    <Panel title={title} actions={<Badge tone={tone}>{t.days(formatCount(of.daysLeft))}</Badge>}>
      <Facts
        facts={[
          [t.subject, of.subject],
          [t.issuer, `${of.issuer} (${of.origin === 'gateway' ? t.own : t.operator})`],
          [t.names, of.names.join(', ')],
          [t.until, formatDateTime(of.notAfter)],
          [t.fingerprint, <Fingerprint of={of.fingerprint} />],
        ]}
      />
    </Panel>
  );
}

function Findings() {
  const t = texts();
  const findings = useResource('findings', (signal) =>
    gateway.call('GET /api/v1/certificates/findings', { signal }),
  );
  return (
    <Panel title={t.findings}>
      <View of={findings}>
        {(rows) =>
          rows.length === 0 ? (
            <p class="dim">{t.none}</p>
          ) : (
            <ul class="stack-s">
              {rows.map(({ check, state, text }) => (
                <li key={check + text}>
                  <Badge tone={state === 'ok' ? 'good' : state}>{t[state]}</Badge> <strong>{check}</strong>{' '}
                  <span class="dim">{text}</span>
                </li>
              ))}
            </ul>
          )
        }
      </View>
    </Panel>
  );
}

/** May go on in the next line behind each byte, and nowhere else. */
function Fingerprint({ of }: { of: string }) {
  return (
    <code class="fingerprint">
      {of.split(':').map((byte, at) => (
        <span key={at}>{at === 0 ? byte : [':', <wbr key="break" />, byte]}</span>
      ))}
    </code>
  );
}
