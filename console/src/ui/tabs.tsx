import { useId } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

/** Tabs as in the ARIA practices: arrows move, one panel is shown. */
export function Tabs<T extends string>(props: {
  label: string;
  value: T;
  tabs: readonly (readonly [value: T, title: string])[];
  onChange: (value: T) => void;
  children: ComponentChildren;
}) {
  const id = useId();
  const move = (by: number) => {
    const at = props.tabs.findIndex(([value]) => value === props.value);
    const next = props.tabs[(at + by + props.tabs.length) % props.tabs.length];
    if (next === undefined) return;
    props.onChange(next[0]);
    document.getElementById(`${id}-${next[0]}`)?.focus();
  };
  return (
    <>
      <div
        class="tabs"
        role="tablist"
        aria-label={props.label}
        onKeyDown={(press) => {
          if (press.key === 'ArrowRight') move(1);
          else if (press.key === 'ArrowLeft') move(-1);
        }}
      >
        {props.tabs.map(([value, title]) => (
          <button
            key={value}
            id={`${id}-${value}`}
            type="button"
            role="tab"
            aria-selected={value === props.value}
            aria-controls={`${id}-panel`}
            tabIndex={value === props.value ? 0 : -1}
            onClick={() => props.onChange(value)}
          >
            {title}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${props.value}`} class="stack">
        {props.children}
      </div>
    </>
  );
}
