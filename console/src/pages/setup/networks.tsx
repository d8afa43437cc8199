import { gateway } from '../../lib/api.ts';
import { settingsInForce } from '../../lib/open-answers.ts';
import { useResource } from '../../lib/use-resource.ts';
import { Button, CopyButton, ErrorNotice, toast, useAction, View } from '../../ui/index.ts';
import { texts } from './texts.ts';

/** Which networks are served; they stand in the file, so that nobody locks the gateway from a browser. */
export function Networks() {
  const t = texts();
  const settings = useResource('config', settingsInForce);
  const sessions = useResource('sessions', (signal) => gateway.call('GET /api/v1/sessions', { signal }));
  const { busy, error, run } = useAction();
  const reload = async () => {
    await gateway.call('POST /api/v1/reload', { body: {} });
    toast(t.reloaded);
    settings.reload();
  };
  const own = sessions.data?.find(({ current }) => current)?.source;
  return (
    <>
      <p class="dim">{t.networksLead}</p>
      <View of={settings}>
        {({ networks: { internal } }) => {
          const snippet = `networks:\n  internal:\n${internal.map((network) => `    - ${network}`).join('\n')}\n`;
          return (
            <>
              <h3>{t.internal}</h3>
              <ul class="row">
                {internal.map((network) => (
                  <li key={network} class="badge">
                    <code>{network}</code>
                  </li>
                ))}
              </ul>
              {own === undefined ? null : <p>{t.you(own)}</p>}
              <details>
                <summary>{t.changeNetworks}</summary>
                <div class="stack-s setup-details">
                  <pre class="block" tabIndex={0}>
                    {snippet}
                  </pre>
                  <div class="row">
                    <CopyButton text={snippet} />
                    <Button small icon="refresh" busy={busy} onClick={() => run(reload)}>
                      {t.reload}
                    </Button>
                  </div>
                  {error === undefined ? null : <ErrorNotice error={error} />}
                </div>
              </details>
            </>
          );
        }}
      </View>
    </>
  );
}
