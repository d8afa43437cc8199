import { gateway } from '../../lib/api.ts';
import { go, hrefOf } from '../../lib/router.ts';
import { useResource } from '../../lib/use-resource.ts';
import { Button, CopyButton, ErrorNotice, Facts, useAction, View } from '../../ui/index.ts';
import { texts } from './texts.ts';

const PROXY = 8080;
const PLAIN = 80;

/** How clients find the gateway, by the name under which this page was found. */
export function Done() {
  const t = texts();
  const ports = useResource('ports', (signal) => gateway.call('GET /api/v1/ports', { signal }));
  const { busy, error, run } = useAction();
  const finish = async () => {
    await gateway.call('POST /api/v1/setup/done', { body: {} });
    go(hrefOf(''));
  };
  return (
    <>
      <p class="dim">{t.doneLead}</p>
      <View of={ports}>
        {(rows) => {
          const portOf = (wanted: number) => rows.find(({ port }) => port === wanted)?.listenPort ?? wanted;
          const proxy = `http://${location.hostname}:${portOf(PROXY)}`;
          const plain = portOf(PLAIN);
          const pac = `http://${location.hostname}${plain === PLAIN ? '' : `:${plain}`}/proxy.pac`;
          const command = `curl -x ${proxy} http://www.example.com/`;
          return (
            <Facts
              facts={[
                [t.proxy, <code>{proxy}</code>],
                [t.pac, <code>{pac}</code>],
                [
                  t.tryIt,
                  <span class="row">
                    <code>{command}</code> <CopyButton text={command} />
                  </span>,
                ],
              ]}
            />
          );
        }}
      </View>
      {error === undefined ? null : <ErrorNotice error={error} />}
      <div>
        <Button kind="primary" icon="next" busy={busy} onClick={() => run(finish)}>
          {t.finish}
        </Button>
      </div>
    </>
  );
}
