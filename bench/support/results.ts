import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Question, Row } from './question.ts';

const FILE = join(import.meta.dirname, '..', 'RESULTS.md');
const TITLE = `# Results

Written by \`npm run bench\`; each section by its last run. The peer runs in the same minutes, A B A B; the figure is the
ratio of a round, its median, and in brackets the least and the most of the rounds.
`;

export interface Circumstances {
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
  readonly rounds: string;
}

export function tableSection(question: Question, rows: readonly Row[], about: Circumstances): string {
  const lines = [
    '| what | unit | ours | Squid | direct | ratio | target | notes |',
    '|---|---|---:|---:|---:|---|---|---|',
    ...rows.map((row) => {
      const cells = [row.what, row.unit, row.ours, row.peer, row.direct, row.ratio, row.target, row.notes];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  ];
  return `## ${question.name}\n\n${question.title}. ${question.method}\n\n${aboutLine(about)}\n\n${lines.join('\n')}\n`;
}

/** Of a benchmark that prints its own figures. */
export function textSection(name: string, output: string, about: Circumstances): string {
  return `## ${name}\n\n${aboutLine(about)}\n\n\`\`\`text\n${output.trim()}\n\`\`\`\n`;
}

function aboutLine(about: Circumstances): string {
  return `${about.date}, ${about.machine}, ${about.versions}, ${about.rounds}.`;
}

/** Replaces the sections of this run and keeps those of earlier ones. */
export async function writeResults(sections: ReadonlyMap<string, string>): Promise<string> {
  const before = existsSync(FILE) ? await readFile(FILE, 'utf8') : '';
  const all = new Map<string, string>();
  for (const section of before.split(/^(?=## )/m).slice(1)) {
    const name = /^## (.*)$/m.exec(section)?.[1];
    if (name !== undefined) all.set(name, `${section.trimEnd()}\n`);
  }
  for (const [name, section] of sections) all.set(name, section);
  const sorted = [...all].toSorted(([a], [b]) => a.localeCompare(b)).map(([, section]) => section);
  await writeFile(FILE, [TITLE, ...sorted].join('\n'));
  return FILE;
}
