import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { ApiProblem, UNREACHABLE } from '../lib/api.ts';
import { Icon, type IconName } from './icon.tsx';
import { words } from './words.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'note';

const TONE_ICON: Readonly<Record<Tone, IconName>> = {
  good: 'check',
  warn: 'warning',
  bad: 'block',
  note: 'info',
};

/** A word with a color and an icon: the color is never the only sign. */
export function Badge({
  tone,
  icon,
  children,
}: {
  tone: Tone;
  icon?: IconName;
  children: ComponentChildren;
}) {
  return (
    <span class={`badge tone-${tone}`}>
      <Icon name={icon ?? TONE_ICON[tone]} />
      {children}
    </span>
  );
}

export interface ButtonProps {
  readonly onClick?: () => void;
  readonly kind?: 'primary' | 'danger' | 'plain';
  readonly icon?: IconName;
  readonly small?: boolean;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly type?: 'button' | 'submit';
  /** Where the words alone do not say what is meant. */
  readonly label?: string;
  /** Of a button that opens something: whether it is open, and its id. */
  readonly expanded?: boolean;
  readonly controls?: string;
  /** Of a button that is a switch. */
  readonly pressed?: boolean;
  readonly children?: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const { onClick, kind, icon, small = false, busy = false, disabled = false, type = 'button' } = props;
  const off = busy || disabled;
  return (
    <button
      type={type}
      class={['button', kind ?? '', small ? 'small' : ''].filter(Boolean).join(' ')}
      // Stays in the tab order, so that the focus is not lost while something runs.
      aria-disabled={off}
      aria-label={props.label}
      aria-expanded={props.expanded}
      aria-controls={props.controls}
      aria-pressed={props.pressed}
      title={props.children === undefined ? props.label : undefined}
      onClick={(click) => {
        if (off) click.preventDefault();
        else onClick?.();
      }}
    >
      {busy ? <Icon name="loading" spin /> : icon === undefined ? null : <Icon name={icon} />}
      {props.children}
    </button>
  );
}

export function Panel(props: {
  title?: string;
  actions?: ComponentChildren;
  flush?: boolean;
  children: ComponentChildren;
}) {
  const id = useId();
  const { title, actions, flush = false, children } = props;
  return (
    <section class="panel" aria-labelledby={title === undefined ? undefined : id}>
      {title === undefined ? null : (
        <div class="panel-head">
          <h2 id={id}>{title}</h2>
          {actions === undefined ? null : <div class="row">{actions}</div>}
        </div>
      )}
      <div class={flush ? 'panel-body flush' : 'panel-body'}>{children}</div>
    </section>
  );
}

export function PageHead(props: { title: string; lead?: string; children?: ComponentChildren }) {
  return (
    <div class="page-head">
      <div>
        <h1 tabIndex={-1}>{props.title}</h1>
        {props.lead === undefined ? null : <p>{props.lead}</p>}
      </div>
      {props.children === undefined ? null : <div class="row">{props.children}</div>}
    </div>
  );
}

export function Notice({ tone = 'note', children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <div class={`notice tone-${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon name={TONE_ICON[tone]} />
      <div>{children}</div>
    </div>
  );
}

/** Says what went wrong, and what to do. */
export function ErrorNotice({ error, onAgain }: { error: Error; onAgain?: () => void }) {
  const w = words();
  const { title, detail, hint } = describeError(error);
  return (
    <Notice tone="bad">
      <strong>{title}</strong>
      {detail === '' ? null : <p class="wrap-anywhere">{detail}</p>}
      {hint === undefined ? null : <p>{w.hint(hint)}</p>}
      {onAgain === undefined ? null : (
        <p style={{ marginTop: '8px' }}>
          <Button small icon="refresh" onClick={onAgain}>
            {w.again}
          </Button>
        </p>
      )}
    </Notice>
  );
}

export function describeError(error: Error): { title: string; detail: string; hint: string | undefined } {
  const w = words();
  if (!(error instanceof ApiProblem)) return { title: w.failed, detail: error.message, hint: undefined };
  if (error.code === UNREACHABLE) return { title: w.unreachable, detail: '', hint: w.unreachableHint };
  if (error.status === 404 && error.code === 'not-found')
    return { title: w.missing, detail: error.message, hint: undefined };
  return { title: w.failed, detail: error.message, hint: error.hint };
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <Icon name="loading" spin />
      {words().loading}
    </div>
  );
}

export function Empty(props: { icon?: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={props.icon ?? 'info'} />
      <strong>{props.title}</strong>
      {props.children}
    </div>
  );
}

/** Names and values; entries without a value are left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name} value`}>{value}</dd>])}
    </dl>
  );
}

/** A time for machines and for people: the full one is in the title. */
export function Time({ at, children }: { at: string | number; children: JSX.Element | string }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>–</>;
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()} class="nowrap">
      {children}
    </time>
  );
}

/** Lines that begin with `+`, `-` or a space. */
export function Diff({ lines, label }: { lines: readonly string[]; label: string }) {
  return (
    <div class="diff" role="group" aria-label={label} tabIndex={0}>
      {lines.map((line, at) => (
        <div key={at} class={line.startsWith('+') ? 'added' : line.startsWith('-') ? 'gone' : ''}>
          {line}
        </div>
      ))}
    </div>
  );
}
