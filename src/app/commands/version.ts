import { defineCommand } from '../../kernel/index.ts';
import { VERSION } from '../version.ts';

export const versionCommand = defineCommand<unknown>({
  words: 'version',
  summary: 'Show the version of this program',
  positionals: [],
  options: {},
  role: 'read',
  where: 'here',
  remote: true,
  examples: ['version'],
  run: () => {
    const document = {
      version: VERSION,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
    return Promise.resolve({
      document,
      view: [{ kind: 'text', text: `sallyport ${VERSION} (Node ${document.node}, ${document.platform})` }],
    });
  },
});

/** The same, where people of network gear look for it. */
export const showVersionCommand = defineCommand<unknown>({
  ...versionCommand,
  words: 'show version',
  summary: 'Show the version of the gateway',
  examples: ['show version'],
});
