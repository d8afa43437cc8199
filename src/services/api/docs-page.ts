import { createHash } from 'node:crypto';
import type { WebAnswer } from '../../engines/web/index.ts';

/** The parts of an OpenAPI document that the page shows. */
interface Documented {
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description?: string | undefined;
  };
  readonly paths?: Readonly<Record<string, object>> | undefined;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    name?: string;
    in?: string;
    required?: boolean;
    description?: string;
    schema?: unknown;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { schema?: unknown }>> };
  readonly responses?: Readonly<
    Record<string, { description?: string; content?: Readonly<Record<string, { schema?: unknown }>> }>
  >;
}

/** The documentation as one page: no script, nothing from elsewhere. Made once from the OpenAPI document. */
export function docsPage({ info, paths = {}, ...rest }: Documented): WebAnswer {
  const groups = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(paths)) {
    const group = groupOf(path);
    const sections = groups.get(group) ?? [];
    groups.set(group, sections);
    // What stands under a path are operations by method; our document has nothing else there.
    for (const [method, operation] of Object.entries(methods as Readonly<Record<string, Operation>>)) {
      sections.push(section(method, path, operation));
    }
  }
  const schemas = 'components' in rest ? schemasOf(rest.components) : '';
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(info.title)} <small>${escaped(info.version)}</small></h1>
<p>${escaped(info.description ?? '')} The machine-readable form is <a href="/api/openapi.json">openapi.json</a>.</p>
<p>Where a scope is named, send a token as <code>Authorization: Bearer …</code>, as <code>x-apikey</code>, or as Basic password; pages of the console have a session.
Make one with <code>sallyport token create --name NAME --scope read</code>.</p>
<nav aria-label="Groups">${[...groups.keys()].map((name) => `<a href="#group-${escaped(name)}">${escaped(name)}</a>`).join(' ')} <a href="#shapes">shapes</a></nav>
${[...groups].map(([name, sections]) => `<h2 id="group-${escaped(name)}" class="group">${escaped(name)}</h2>\n${sections.join('\n')}`).join('\n')}
<h2 id="shapes" class="group">Shapes</h2>
${schemas}
</main>
</body>
</html>
`;
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body,
    fields: [
      [
        'Content-Security-Policy',
        `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      ],
      ['Cache-Control', 'no-cache'],
    ],
  };
}

/** `/api/v1/feeds/{name}` → `feeds`; the shapes of others by their first word. */
function groupOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== 'api' && part !== 'v1');
  return parts[0]?.replace(/\.\w+$/, '') ?? 'start';
}

function section(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name = '', in: place = '', required, description = '', schema }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${escaped(place)}${required === true ? ', required' : ''}</td><td><code>${escaped(brief(schema))}</code> ${escaped(description)}</td></tr>`,
  );
  const body = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { schema }]) =>
      `<tr><td>body</td><td>${escaped(type)}</td><td><code>${escaped(brief(schema))}</code></td></tr>`,
  );
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, { description = '', content = {} }]) => {
      const [type, media] = Object.entries(content)[0] ?? ['', {}];
      return `<tr><td>${escaped(status)}</td><td>${escaped(type)}</td><td>${escaped(description)} <code>${escaped(brief(media.schema))}</code></td></tr>`;
    },
  );
  const note =
    operation.description === undefined
      ? ''
      : `<p class="note">${escaped(operation.description).replaceAll(/`([^`]+)`/g, '<code>$1</code>')}</p>`;
  return `<section>
<h3><span class="method">${escaped(method.toUpperCase())}</span> <code>${escaped(path)}</code></h3>
<p>${escaped(operation.summary ?? '')}</p>${note}
<table>${[...parameters, ...body, ...responses].join('\n')}</table>
</section>`;
}

function schemasOf(components: unknown): string {
  const schemas =
    typeof components === 'object' && components !== null && 'schemas' in components
      ? components.schemas
      : {};
  return Object.entries(schemas ?? {})
    .map(
      ([name, schema]) =>
        `<details id="${escaped(name)}"><summary>${escaped(name)}</summary><pre>${escaped(JSON.stringify(schema, null, 2))}</pre></details>`,
    )
    .join('\n');
}

/** A schema in a few words: its name, its values, or its type. */
function brief(schema: unknown): string {
  if (typeof schema !== 'object' || schema === null) return '';
  if ('$ref' in schema) return String(schema.$ref).replace('#/components/schemas/', '');
  if ('enum' in schema && Array.isArray(schema.enum)) return schema.enum.join(' | ');
  if ('items' in schema) return `${brief(schema.items)}[]`;
  if ('properties' in schema && typeof schema.properties === 'object' && schema.properties !== null) {
    return `{${Object.entries(schema.properties)
      .map(([name, each]) => `${name}: ${brief(each)}`)
      .join(', ')}}`;
  }
  return 'type' in schema ? String(schema.type) : '';
}

function escaped(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d2733, #e6ebf1); --paper: light-dark(#f3f5f8, #12171d);
  --card: light-dark(#fff, #1b222b); --line: light-dark(#d9dfe7, #313c49); --dim: light-dark(#5b6878, #97a5b5); --mark: light-dark(#0b5cad, #7db8f5); }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 small, .note { color: var(--dim); font-weight: normal; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .25rem 1.25rem 1rem; margin: 1rem 0; }
h2 { font-size: 1.3rem; margin-top: 2.5rem; } h3 { font-size: 1.05rem; overflow-wrap: anywhere; } nav { display: flex; flex-wrap: wrap; gap: .25rem .9rem; }
summary { cursor: pointer; padding: .2rem 0; } .method { color: var(--mark); } a { color: var(--mark); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } td { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; vertical-align: top; }
td:nth-child(-n+2) { white-space: nowrap; } code, pre { font-family: ui-monospace, monospace; font-size: .88em; overflow-wrap: anywhere; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; overflow: auto; }
`;
