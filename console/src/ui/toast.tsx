import { signal } from '@preact/signals';
import { Button } from './basics.tsx';
import { Icon } from './icon.tsx';
import { words } from './words.ts';

interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

const SHOWN_MS = 6000;
const SHOWN_MAX = 4;

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Says in passing that something is done; screen readers read it out. */
export function toast(text: string, tone: Toast['tone'] = 'good'): void {
  const id = ++lastId;
  toasts.value = [...toasts.value, { id, tone, text }].slice(-SHOWN_MAX);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon name={tone === 'good' ? 'check' : 'warning'} />
          <span class="grow wrap-anywhere">{text}</span>
          <Button kind="plain" small icon="cross" label={words().close} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
