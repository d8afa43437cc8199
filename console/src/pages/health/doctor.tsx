import { useState } from 'preact/hooks';
import type { DoctorReport } from '../../../../client/index.ts';
import { gateway } from '../../lib/api.ts';
import { defineTexts } from '../../lib/language.ts';
import { Badge, Button, ErrorNotice, Findings, Panel, useAction } from '../../ui/index.ts';

const texts = defineTexts(
  {
    fine: 'No faults found',
    found: (count: number) => (count === 1 ? '1 thing to look at' : `${count} things to look at`),
    lead: 'Looks for what keeps the gateway from working: names, clock, ports, the way out, certificates, feeds, disk.',
    ok: 'fine',
    problem: 'problem',
    run: 'Examine now',
    title: 'Doctor',
    warning: 'warning',
  },
  {
    fine: 'Keine Fehler gefunden',
    found: (count) => (count === 1 ? '1 Sache ist anzusehen' : `${count} Sachen sind anzusehen`),
    lead: 'Sucht, was das Gateway an der Arbeit hindert: Namen, Uhr, Ports, der Weg hinaus, Zertifikate, Feeds, Platte.',
    ok: 'gut',
    problem: 'Fehler',
    run: 'Jetzt untersuchen',
    title: 'Doktor',
    warning: 'Warnung',
  },
);

const TONE = { ok: 'good', warning: 'warn', problem: 'bad' } as const;

/** The examination of `sallyport doctor`, and what mends what it finds. */
export function Doctor() {
  const t = texts();
  const [result, setResult] = useState<DoctorReport | undefined>(undefined);
  const { busy, error, run } = useAction();
  const examine = async () => setResult(await gateway.call('GET /api/v1/doctor'));
  const found = result?.checks.filter(({ state }) => state !== 'ok') ?? [];
  return (
    <Panel
      title={t.title}
      actions={
        <Button small icon="search" busy={busy} onClick={() => run(examine)}>
          {t.run}
        </Button>
      }
    >
      <div class="stack-s" aria-live="polite">
        {result === undefined ? (
          <p class="dim">{t.lead}</p>
        ) : (
          <div>
            <Badge tone={found.length === 0 ? 'good' : 'warn'}>
              {found.length === 0 ? t.fine : t.found(found.length)}
            </Badge>
          </div>
        )}
        {error === undefined ? null : <ErrorNotice error={error} />}
        {result === undefined ? null : (
          <Findings
            of={[...found, ...result.checks.filter(({ state }) => state === 'ok')].map(
              ({ check, state, detail, hint }) => ({
                tone: TONE[state],
                state: t[state],
                check,
                text: detail,
                hint,
              }),
            )}
          />
        )}
      </div>
    </Panel>
  );
}
