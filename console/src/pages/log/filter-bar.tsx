import { useLayoutEffect, useState } from 'preact/hooks';
import { setQuery } from '../../lib/router.ts';
import { Button, Form, Icon, Segmented, SelectField, TextField, words } from '../../ui/index.ts';
import { type FieldName, FIELDS, type Filters, type Range, setField } from './filters.ts';
import { texts } from './texts.ts';

/** Values that are few, offered as a list. */
const CHOICES: Readonly<Partial<Record<FieldName, readonly string[]>>> = {
  type: [
    'decision.',
    'decision.block',
    'decision.warn',
    'decision.monitor',
    'decision.quarantine',
    'verdict.',
    'login.',
    'ssh.',
    'feed.',
    'policy.',
    'health.',
    'alert.',
    'aggregate.allow',
  ],
  severity: ['info', 'warn', 'error'],
  door: ['forward-proxy', 'icap', 'api', 'web-reputation', 'ssh'],
};

export function FilterBar({
  onRefresh,
  filters,
  onLive,
  isLive,
}: {
  filters: Filters;
  onLive: () => void;
  onRefresh: () => void;
  isLive: boolean;
}) {
  const t = texts();
  const { text: searched = '' } = filters.fields;
  const [text, setText] = useState(searched);
  // The filter may be taken away, or come with a link.
  useLayoutEffect(() => setText(searched), [searched]);
  const [isAdding, setIsAdding] = useState(false);
  return (
    <section class="stack-s" aria-label={t.filters}>
      <div class="row">
        <form
          class="search grow"
          role="search"
          onSubmit={(submit) => {
            submit.preventDefault();
            setField('text', text.trim());
          }}
        >
          <Icon name="search" />
          <input
            class="input"
            type="search"
            aria-label={t.search}
            placeholder={t.search}
            value={text}
            onInput={(typed) => setText(typed.currentTarget.value)}
          />
        </form>
        <Segmented<Range>
          label={t.time}
          value={filters.range}
          options={[
            ['15m', t.quarter],
            ['1h', t.hour],
            ['24h', t.day],
            ['7d', t.week],
            ['all', t.allTimes],
            ['custom', t.custom],
          ]}
          onChange={(range) => setQuery({ range, event: undefined })}
        />
        <Button icon="refresh" label={words().refresh} onClick={onRefresh} />
        <Button icon={isLive ? 'pause' : 'play'} pressed={isLive} onClick={onLive}>
          {t.live}
        </Button>
      </div>
      {filters.range === 'custom' ? (
        <div class="form-row log-times">
          <TextField
            label={t.from}
            type="datetime-local"
            value={filters.since ?? ''}
            onInput={(since) => setQuery({ since })}
          />
          <TextField
            label={t.to}
            type="datetime-local"
            value={filters.until ?? ''}
            onInput={(until) => setQuery({ until })}
          />
        </div>
      ) : null}
      <div class="row">
        {FIELDS.map((name) => {
          const value = filters.fields[name];
          return value === undefined ? null : <Chip key={name} name={name} value={value} />;
        })}
        <Button small icon="plus" expanded={isAdding} onClick={() => setIsAdding(!isAdding)}>
          {t.addFilter}
        </Button>
      </div>
      {isAdding ? <NewFilter onDone={() => setIsAdding(false)} /> : null}
    </section>
  );
}

function Chip({ name, value }: { name: FieldName; value: string }) {
  const t = texts();
  return (
    <span class="chip">
      <span>
        <span class="dim">{t[name]}</span> {value}
      </span>
      <button type="button" aria-label={t.remove(t[name])} onClick={() => setField(name, undefined)}>
        <Icon name="cross" />
      </button>
    </span>
  );
}

function NewFilter({ onDone }: { onDone: () => void }) {
  const t = texts();
  const [name, setName] = useState<FieldName>('type');
  const [value, setValue] = useState('decision.');
  const choices = CHOICES[name];
  return (
    <Form
      onSubmit={() => {
        setField(name, value.trim());
        onDone();
      }}
    >
      <div class="new-filter">
        <SelectField<FieldName>
          label={t.field}
          value={name}
          options={FIELDS.map((each) => [each, t[each]])}
          onChange={(chosen) => {
            setName(chosen);
            setValue(CHOICES[chosen]?.[0] ?? '');
          }}
        />
        {choices === undefined ? (
          <TextField label={t.value} value={value} onInput={setValue} required />
        ) : (
          <SelectField
            label={t.value}
            value={value}
            options={choices.map((each) => [each, each])}
            onChange={setValue}
          />
        )}
        <Button type="submit" kind="primary">
          {words().add}
        </Button>
      </div>
    </Form>
  );
}
