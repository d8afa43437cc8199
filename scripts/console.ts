/** Builds the console: `node scripts/console.ts`. What comes out is served as it is, see services/api/console. */
import { build, type Plugin } from 'esbuild';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const CONSOLE = join(import.meta.dirname, '..', 'console');
const SOURCE = join(CONSOLE, 'src');
const OUT = join(CONSOLE, 'dist');
/** Compressed forms are for files that gain by them. */
const COMPRESSED_BYTES_MIN = 512;
/** Two below the best: a twentieth of the time for a few hundredths of the size. */
const BROTLI_QUALITY = 9;

/** Every folder of `pages/` that has a `page.ts` is a page, in the order that the pages name. */
const pages: Plugin = {
  name: 'pages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^console:pages$/ }, ({ path }) => ({ path, namespace: 'pages' }));
    onLoad({ filter: /./, namespace: 'pages' }, () => {
      const folders = readdirSync(join(SOURCE, 'pages')).filter((name) =>
        existsSync(join(SOURCE, 'pages', name, 'page.ts')),
      );
      const imports = folders.map((name, at) => `import { page as p${at} } from './pages/${name}/page.ts';`);
      const list = folders.map((_, at) => `p${at}`).join(', ');
      const contents = `${imports.join('\n')}\nexport const pages = [${list}].sort((a, b) => a.order - b.order);\n`;
      return { contents, resolveDir: SOURCE };
    });
  },
};

const { outputFiles, metafile } = await build({
  entryPoints: [{ in: join(SOURCE, 'main.tsx'), out: 'console' }],
  absWorkingDir: CONSOLE,
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2023', 'chrome123', 'firefox121', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  legalComments: 'none',
  write: false,
  metafile: true,
  plugins: [pages],
});

const [entryPath, entry] = Object.entries(metafile.outputs).find(
  ([, output]) => output.entryPoint === 'src/main.tsx',
) ?? ['', undefined];
// The style sheet of the entry holds those of all pages; what is made for each page by itself is not loaded by anybody.
const style = basename(entry?.cssBundle ?? '');
const files = new Map<string, Uint8Array>(
  outputFiles
    .map(({ path, contents }) => [basename(path), contents] as const)
    .filter(([name]) => !name.endsWith('.css') || name === style)
    .map(([name, contents]) => [`assets/${name}`, contents]),
);
const icon = await readFile(join(SOURCE, 'icon.svg'));
const iconName = `assets/icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
files.set(iconName, icon);
files.set('index.html', Buffer.from(await indexPage()));

// Beside the old one and then in its place: a gateway that starts meanwhile finds one or the other.
const fresh = `${OUT}.${process.pid}`;
await mkdir(join(fresh, 'assets'), { recursive: true });
await Promise.all([...files].map(([name, content]) => write(join(fresh, name), content)));
const old = `${fresh}.old`;
if (existsSync(OUT)) await rename(OUT, old);
await rename(fresh, OUT);
await rm(old, { recursive: true, force: true });

/** The page that loads the rest: its script, and what that script imports at once. */
async function indexPage(): Promise<string> {
  const below = (name: string) => `/console/assets/${basename(name)}`;
  const preloads = (entry?.imports ?? [])
    .filter(({ kind }) => kind === 'import-statement')
    .map((each) => `<link rel="modulepreload" href="${below(each.path)}" />`);
  const page = await readFile(join(SOURCE, 'index.html'), 'utf8');
  return page
    .replace('%ICON%', `/console/${iconName}`)
    .replace('%STYLE%', below(style))
    .replace('%SCRIPT%', below(entryPath))
    .replace('%PRELOADS%', preloads.join('\n    '));
}

async function write(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content);
  if (content.length < COMPRESSED_BYTES_MIN) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  const [gz, br] = await Promise.all([
    promisify(gzip)(content, { level: 9 }),
    promisify(brotliCompress)(content, { params }),
  ]);
  await Promise.all([writeFile(`${path}.gz`, gz), writeFile(`${path}.br`, br)]);
}
