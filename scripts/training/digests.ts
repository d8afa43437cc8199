import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the digests of all models in `models/` to where the gateway looks for them. */
export function recordDigests(root: string): void {
  const folder = join(root, 'models');
  const digests = readdirSync(folder)
    .filter((name) => name.endsWith('.model'))
    .toSorted()
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      // Written by `writeModel`: the first line is its header.
      const header = JSON.parse(bytes.subarray(0, bytes.indexOf(0x0a)).toString()) as {
        readonly sha256: string;
      };
      return header.sha256;
    });
  const lines = digests.map((digest) => `  '${digest}',\n`).join('');
  writeFileSync(
    join(root, 'src', 'engines', 'prediction', 'shipped-digests.ts'),
    `/** SHA-256 of the bodies of the models in \`models/\`. Written by \`npm run train:files\` and \`npm run train:urls\`. */\nexport const SHIPPED_DIGESTS: readonly string[] = [\n${lines}];\n`,
  );
}
