/** What a person or program is told that asked for something and did not get it. */
export interface AnswerFacts {
  readonly status: number;
  /** Stable: `DESTINATION_BLOCKED`. Part of the problem document's type. */
  readonly code: string;
  /** Short sentence: "This site is blocked". */
  readonly title: string;
  /** One or two sentences in plain words. */
  readonly detail: string;
  /** What was asked for; shown as text, never as a link. */
  readonly target: string;
  /** Name and value, in the order to show: rule, list, entry, category, … */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Whom to ask; empty when the operator has named nobody. */
  readonly contact: string;
  readonly organization: string;
  /** A way on, in spite of all: an absolute path on the site itself. */
  readonly link?: { readonly href: string; readonly text: string } | undefined;
  /** Finds the line in the access log. */
  readonly id: string;
}

export interface AnswerBody {
  readonly contentType: string;
  readonly body: Buffer;
}

/**
 * HTML for browsers, an RFC 9457 problem document for programs that ask for JSON, plain text for the
 * rest, such as `curl`. Chosen by `Accept` (RFC 9110 §12.5.1) without weights: our three forms say the same.
 */
export function answerBody(accept: string | undefined, facts: AnswerFacts): AnswerBody {
  const wanted = accept?.toLowerCase() ?? '';
  if (wanted.includes('text/html') || wanted.includes('application/xhtml')) {
    return { contentType: 'text/html; charset=utf-8', body: Buffer.from(html(facts)) };
  }
  if (wanted.includes('json')) {
    return { contentType: 'application/problem+json', body: Buffer.from(problem(facts)) };
  }
  return { contentType: 'text/plain; charset=utf-8', body: Buffer.from(text(facts)) };
}

function problem(facts: AnswerFacts): string {
  return `${JSON.stringify({
    type: `urn:sallyport:problem:${facts.code.toLowerCase().replaceAll('_', '-')}`,
    title: facts.title,
    status: facts.status,
    detail: facts.detail,
    code: facts.code,
    target: facts.target,
    ...Object.fromEntries(facts.facts),
    ...(facts.contact === '' ? {} : { contact: facts.contact }),
    ...(facts.link === undefined ? {} : { continue: facts.link.href }),
    id: facts.id,
  })}\n`;
}

function text(facts: AnswerFacts): string {
  const width = Math.max(...facts.facts.map(([name]) => name.length), 7);
  const rows = [['target', facts.target] as const, ...facts.facts, ['id', facts.id] as const];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  const ask = facts.contact === '' ? [] : ['', `Ask ${facts.contact} and give them the id.`];
  const link = facts.link === undefined ? [] : ['', `${facts.link.text}: ${facts.link.href}`];
  return [`${facts.status} ${facts.title}`, '', facts.detail, '', ...lines, ...ask, ...link, ''].join('\n');
}

function html(facts: AnswerFacts): string {
  const rows = [...facts.facts, ['id', facts.id] as const]
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
    .join('\n');
  const ask =
    facts.contact === ''
      ? 'If you need this for your work, ask your IT department and give them the id below.'
      : `If you need this for your work, ask <strong>${escapeHtml(facts.contact)}</strong> and give them the id below.`;
  const link =
    facts.link === undefined
      ? ''
      : `\n<p><a class="on" href="${escapeHtml(facts.link.href)}" rel="nofollow">${escapeHtml(facts.link.text)}</a></p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(facts.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="mark">${GATE}<span>${escapeHtml(facts.organization)}</span></p>
<h1>${escapeHtml(facts.title)}</h1>
<p class="target">${escapeHtml(facts.target)}</p>
<p>${escapeHtml(facts.detail)}</p>
<p>${ask}</p>${link}
<dl>
${rows}
</dl>
</main>
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A gate in a wall: our mark. */
const GATE =
  '<svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true"><path fill="currentColor" d="M2 26V4h4v3h3V4h4v3h2V4h4v3h3V4h4v22h-8v-7a4 4 0 0 0-8 0v7z"/></svg>';

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d2733, #e6ebf1); --paper: light-dark(#f3f5f8, #12171d);
  --card: light-dark(#fff, #1b222b); --line: light-dark(#d9dfe7, #313c49); --dim: light-dark(#5b6878, #97a5b5); --bad: light-dark(#b3261e, #ff8a80); }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif; }
main { box-sizing: border-box; width: min(42rem, calc(100vw - 2rem)); margin: 2rem 0; padding: 2rem 2.25rem; background: var(--card);
  border: 1px solid var(--line); border-top: 4px solid var(--bad); border-radius: .5rem; }
.mark { display: flex; gap: .6rem; align-items: center; margin: 0 0 1.5rem; color: var(--dim); font-weight: 600; }
h1 { margin: 0 0 .75rem; font-size: 1.6rem; line-height: 1.25; }
.target { margin: 0 0 1rem; padding: .5rem .75rem; background: var(--paper); border-radius: .25rem; font-family: ui-monospace, monospace;
  font-size: .9rem; overflow-wrap: anywhere; }
.on { color: inherit; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: 1.5rem 0 0; padding-top: 1.25rem;
  border-top: 1px solid var(--line); font-size: .9rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
`;
