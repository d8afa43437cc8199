import type { Command } from '../kernel/index.ts';
import { CLI_MOUTH, commandsBelow, type CommandNode } from '../protocols/terminal/index.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A script that completes `sallyport` in a shell. It holds the whole tree and starts no process. */
export function completionScript(shell: string, root: CommandNode): string {
  const facts = factsOf(root);
  if (shell === 'fish') return fishScript(facts);
  return shell === 'zsh' ? zshScript(facts) : bashScript(facts);
}

interface Fact {
  /** Words typed so far: `show`. */
  readonly words: string;
  /** What may follow: words of the tree, and choices of the first positional argument. */
  readonly next: readonly { readonly word: string; readonly help: string }[];
  readonly options: Command['options'];
  /** The arguments are files. */
  readonly files: boolean;
}

function factsOf(root: CommandNode): readonly Fact[] {
  const nodes = [root];
  for (const node of nodes) nodes.push(...node.children.values());
  return nodes.map((node) => {
    const { command } = node;
    const children = [...node.children].map(([word, child]) => ({
      word,
      help:
        child.command?.summary ??
        commandsBelow(child)
          .map((each) => each.words)
          .join(', '),
    }));
    const choices = (command?.positionals[0]?.choices ?? []).map((word) => ({ word, help: '' }));
    return {
      words: node.words,
      next: [...children, ...choices],
      options: command === undefined ? CLI_MOUTH.globals : { ...command.options, ...CLI_MOUTH.globals },
      files: command?.positionals.some((each) => each.file === true) ?? false,
    };
  });
}

/** Every option that takes a value, in any command: the word after it is no word of the tree. */
function valueOptions(facts: readonly Fact[]): readonly string[] {
  const names = facts.flatMap((fact) =>
    Object.entries(fact.options).flatMap(([name, option]) =>
      option.value === undefined ? [] : [`--${name}`],
    ),
  );
  return [...new Set(names)];
}

/** The part that bash and zsh share: a `case` over the words typed so far. Sets `next`, `options`, `files`, `values`. */
function caseTable(facts: readonly Fact[]): string {
  const cases = facts.map((fact) => {
    const options = Object.keys(fact.options).map((name) => `--${name}`);
    const lines = [
      `    '${fact.words}')`,
      `      next='${fact.next.map((each) => each.word).join(' ')}'`,
      `      options='${options.join(' ')}'`,
      `      files=${fact.files ? 1 : 0}`,
      '      case $option in',
      ...Object.entries(fact.options).flatMap(([name, option]) => {
        if (option.value === undefined) return [];
        const values = option.choices === undefined ? '' : option.choices.join(' ');
        return [`        --${name}) values='${values}' valuefiles=${option.file === true ? 1 : 0} ;;`];
      }),
      '      esac',
      '      return 0 ;;',
    ];
    return lines.join('\n');
  });
  return ['  case $1 in', ...cases, '  esac', '  return 1'].join('\n');
}

function bashScript(facts: readonly Fact[]): string {
  return `# bash completion for sallyport. Load it with: source <(sallyport completion bash)
_sallyport_node() {
${caseTable(facts)}
}

_sallyport() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option='' path='' word i
  local next='' options='' values='' files=0 valuefiles=0
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${valueOptions(facts).join('|')})
        option=$word
        [[ \${COMP_WORDS[i+1]} == = ]] && ((i++))
        if ((i + 1 >= COMP_CWORD)); then [[ $cur == = ]] && cur=''; break; fi
        option='' ; ((i++)) ;;
      -*|=) ;;
      *) if _sallyport_node "\${path:+$path }$word"; then path="\${path:+$path }$word"; fi ;;
    esac
  done
  next='' options='' values='' files=0 valuefiles=0
  _sallyport_node "$path"
  if [[ -n $option ]]; then
    if ((valuefiles)); then COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null
    else COMPREPLY=($(compgen -W "$values" -- "$cur")); fi
  elif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$next" -- "$cur"))
    if ((files)); then COMPREPLY+=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null; fi
  fi
  return 0
}
complete -F _sallyport sallyport
`;
}

function zshScript(facts: readonly Fact[]): string {
  return `#compdef sallyport
# zsh completion for sallyport. Put it into a folder of $fpath as _sallyport.
_sallyport_node() {
${caseTable(facts)}
}

_sallyport() {
  local cur=\${words[CURRENT]} option='' node='' word
  local next='' options='' values='' files=0 valuefiles=0
  integer i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case $word in
      ${valueOptions(facts).join('|')})
        option=$word
        ((i + 1 >= CURRENT)) && break
        option='' ; ((i++)) ;;
      -*) ;;
      *) if _sallyport_node "\${node:+$node }$word"; then node="\${node:+$node }$word"; fi ;;
    esac
  done
  next='' options='' values='' files=0 valuefiles=0
  _sallyport_node "$node"
  if [[ -n $option ]]; then
    if ((valuefiles)); then _files; else compadd -- \${=values}; fi
  elif [[ $cur == -* ]]; then compadd -- \${=options}
  else
    compadd -- \${=next}
    ((files)) && _files
  fi
  return 0
}
if [ "$funcstack[1]" = _sallyport ]; then _sallyport "$@"; else compdef _sallyport sallyport; fi
`;
}

function fishScript(facts: readonly Fact[]): string {
  const lines = facts.flatMap((fact) => {
    const condition = `-n '_sallyport_at ${fact.words}'`;
    const files = fact.files ? '-F' : '-f';
    return [
      ...fact.next.map(
        (each) =>
          `complete -c sallyport ${files} ${condition} -a ${quoted(each.word)} -d ${quoted(each.help)}`,
      ),
      ...(fact.files && fact.next.length === 0 ? [`complete -c sallyport -F ${condition}`] : []),
      ...Object.entries(fact.options).map(([name, option]) => {
        const value = option.value === undefined ? '' : option.file === true ? ' -r -F' : ' -x';
        const choices = option.choices === undefined ? '' : ` -a ${quoted(option.choices.join(' '))}`;
        return `complete -c sallyport ${condition} -l ${name}${value}${choices} -d ${quoted(option.help)}`;
      }),
    ];
  });
  const nodes = facts.filter((fact) => fact.words !== '').map((fact) => quoted(fact.words));
  return `# fish completion for sallyport. Put it into ~/.config/fish/completions/sallyport.fish
function _sallyport_at
    set -l nodes ${nodes.join(' ')}
    set -l path
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word ${valueOptions(facts).join(' ')}
            set skip 1
        else if not string match -q -- '-*' $word; and contains -- "$(string join ' ' $path $word)" $nodes
            set -a path $word
        end
    end
    test "$path" = "$argv"
end
complete -c sallyport -f
${lines.join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
