import { SelectField, TextField } from '../../ui/index.ts';
import type { Action, Api, Auth, DraftProps } from './feed-draft.ts';
import { texts } from './texts.ts';

/** What entries of the feed do, and how often it is fetched. */
export function EntryFields({ feed, onChange }: DraftProps) {
  const t = texts();
  return (
    <div class="form-row">
      <SelectField<Action>
        label={t.action}
        value={feed.action}
        options={[
          ['block', t.actionBlock],
          ['allow', t.actionAllow],
          ['label', t.actionLabel],
          ['suppress', t.actionSuppress],
        ]}
        onChange={(action) => onChange({ action })}
      />
      <TextField
        label={t.category}
        hint={t.categoryHint}
        value={feed.category}
        onInput={(category) => onChange({ category })}
      />
      <Every feed={feed} onChange={onChange} />
    </div>
  );
}

export function SignInFields({ feed, onChange }: DraftProps) {
  const t = texts();
  const { auth } = feed;
  return (
    <>
      <SelectField<Auth>
        label={t.auth}
        hint={auth === 'url' ? t.authUrlHint : undefined}
        value={auth}
        options={[
          ['none', t.authNone],
          ['basic', t.authBasic],
          ['bearer', t.authBearer],
          ['header', t.authHeader],
          ['url', t.authUrl],
        ]}
        onChange={(chosen) => onChange({ auth: chosen })}
      />
      {auth === 'none' ? null : (
        <div class="form-row">
          {auth === 'basic' ? (
            <TextField label={t.user} value={feed.user} onInput={(user) => onChange({ user })} required />
          ) : null}
          {auth === 'header' ? (
            <TextField
              label={t.header}
              value={feed.header}
              onInput={(header) => onChange({ header })}
              required
            />
          ) : null}
          <TextField
            label={t.secret}
            hint={t.secretHint}
            type="password"
            autoComplete="off"
            value={feed.secret}
            onInput={(secret) => onChange({ secret })}
            required
          />
        </div>
      )}
    </>
  );
}

/** A Safe Browsing server: the version of its API, its key, and which of its lists. */
export function SafeBrowsingFields({ feed, onChange }: DraftProps) {
  const t = texts();
  return (
    <>
      <div class="form-row">
        <SelectField<Api>
          label={t.api}
          value={feed.api}
          options={[
            ['v5', t.apiV5],
            ['v4', t.apiV4],
          ]}
          onChange={(api) => onChange({ api })}
        />
        <TextField
          label={t.apiKey}
          hint={t.apiKeyHint}
          type="password"
          autoComplete="off"
          value={feed.secret}
          onInput={(secret) => onChange({ secret })}
        />
      </div>
      <TextField
        label={t.only}
        hint={feed.api === 'v5' ? t.onlyHintV5 : t.onlyHintV4}
        value={feed.only}
        onInput={(only) => onChange({ only })}
        mono
      />
      <div class="form-row">
        <SelectField<Action>
          label={t.action}
          value={feed.action}
          options={[
            ['block', t.actionBlock],
            ['label', t.actionLabel],
          ]}
          onChange={(action) => onChange({ action })}
        />
        <Every feed={feed} onChange={onChange} />
      </div>
      <p class="dim small">{t.safeBrowsingText}</p>
    </>
  );
}

function Every({ feed, onChange }: DraftProps) {
  const t = texts();
  return (
    <TextField
      label={t.every}
      hint={t.everyHint}
      value={feed.every}
      onInput={(every) => onChange({ every })}
      pattern="\d+[smhd]"
    />
  );
}
