import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Fault } from '../lib/faults.ts';
import './code-editor.css';
import { highlighted } from './yaml-colors.tsx';

/** Longer texts are edited without colors, so that typing stays quick. */
const COLORED_CHARS_MAX = 100_000;

export interface CodeEditorProps {
  readonly label: string;
  readonly text: string;
  readonly onInput: (text: string) => void;
  readonly faults?: readonly Fault[];
  readonly readOnly?: boolean;
  readonly rows?: number;
  /** A line to go to; another object goes there again. */
  readonly place?: { readonly line: number; readonly column?: number } | undefined;
}

/** A text area with line numbers; what is drawn behind it has the same text in colors. Tab leaves it, as everywhere. */
export function CodeEditor({
  label,
  text,
  onInput,
  faults = [],
  readOnly = false,
  rows = 24,
  place,
}: CodeEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLDivElement>(null);
  const lines = text.split('\n');
  const wrong = new Set(faults.map(({ line }) => line));
  const isColored = text.length <= COLORED_CHARS_MAX;

  useLayoutEffect(() => {
    const { current: element } = area;
    if (element === null || place === undefined) return;
    const before = element.value
      .split('\n')
      .slice(0, place.line - 1)
      .join('\n').length;
    const at = before + (place.line > 1 ? 1 : 0) + (place.column ?? 1) - 1;
    element.focus();
    element.setSelectionRange(at, at);
    element.scrollTop = Math.max(0, (place.line - 6) * LINE_PX);
  }, [place]);

  const follow = () => {
    const { current: element } = area;
    if (element === null || behind.current === null) return;
    behind.current.style.transform = `translate(0, ${-element.scrollTop}px)`;
    behind.current.style.setProperty('--left', `${-element.scrollLeft}px`);
  };
  return (
    <div class="editor" style={{ height: `${rows * LINE_PX + 16}px` }}>
      <div class="editor-behind" aria-hidden="true" ref={behind}>
        {lines.map((line, at) => (
          <div key={at} class={wrong.has(at + 1) ? 'editor-line wrong' : 'editor-line'}>
            <span class="editor-number">{at + 1}</span>
            <span class="editor-text">{isColored ? highlighted(line) : ''}</span>
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        class={isColored ? 'colored' : undefined}
        aria-label={label}
        aria-invalid={faults.length > 0}
        value={text}
        readOnly={readOnly}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        wrap="off"
        onScroll={follow}
        onInput={(typed) => onInput(typed.currentTarget.value)}
      />
    </div>
  );
}

/** As in the style sheet. */
const LINE_PX = 20;
