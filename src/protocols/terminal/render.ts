import type { Result, View } from '../../kernel/index.ts';
import { documentText } from './document.ts';
import type { Style } from './style.ts';
import { factLines, tableLines } from './table.ts';
import { printable } from './text.ts';

/** A result for a person. Ends with a line end, or is empty. */
export function resultText(result: Result, style: Style): string {
  if (result.view === undefined) return documentText(result.document);
  return viewText(result.view, style);
}

/** A result for a machine: exactly one JSON document. */
export function resultJson(result: Result): string {
  return `${JSON.stringify(result.document ?? null, null, 2)}\n`;
}

export function viewText(views: readonly View[], style: Style): string {
  let text = '';
  for (const [at, view] of views.entries()) {
    // A title stands close to what it names and apart from what is before it.
    const follows =
      at > 0 && views[at - 1]?.kind !== 'title' && (view.kind === 'title' || view.kind !== 'text');
    text +=
      (follows ? '\n' : '') +
      viewLines(view, style)
        .map((line) => `${line}\n`)
        .join('');
  }
  return text;
}

function viewLines(view: View, style: Style): readonly string[] {
  switch (view.kind) {
    case 'title':
      return [style.paint('strong', printable(view.text))];
    case 'text':
      // Exactly as it is: it may be a file that somebody redirects.
      return view.text === '' ? [] : printable(view.text.replace(/\n$/, '')).split('\n');
    case 'facts':
      return factLines(view.facts, style);
    case 'table':
      return tableLines(view, style);
  }
}
