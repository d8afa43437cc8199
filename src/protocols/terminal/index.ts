export { commonStart, completionOf, type Choice, type Completion } from './complete.ts';
export { documentText } from './document.ts';
export { LineEditor, type EditorOptions, type Pressed } from './editor.ts';
export { CLI_ERROR_TABLE, cliErrors } from './errors.ts';
export { failureOf, type Failure } from './failure.ts';
export { groupsOf, helpOf } from './help.ts';
export { helpResult } from './help-result.ts';
export { KeyDecoder, PASTE_MODE, type Key, type KeyName } from './keys.ts';
export { CLI_MOUTH, SSH_MOUTH, type Mouth } from './mouth.ts';
export { Pager } from './pager.ts';
export { parseCommandLine, wantsJson, type Globals, type Parsed } from './parse.ts';
export { resultJson, resultText, viewText } from './render.ts';
export { PLAIN, styleOf, type Style, type TextOutput } from './style.ts';
export { pad, printable, truncate, widthOf, wrap } from './text.ts';
export {
  commandsBelow,
  commandTree,
  fullWords,
  nearest,
  walk,
  walkToCommand,
  type CommandNode,
} from './tree.ts';
export { positionalUsage, signatureOf, usageOf } from './usage.ts';
export { typedWords, wordsOf } from './words.ts';
