import { criteriaOf } from './condition.ts';
import { isReference } from './criterion.ts';
import type { Condition, PolicyDocument } from './document.ts';
import { BUILT_IN_NAMES } from './rules/built-in.ts';
import { placeOf, problemAt, type PolicyProblem, type Source } from './places.ts';
import { shadowedRules } from './shadow.ts';
import { unknowableRules } from './unknowable.ts';

interface Meaning {
  readonly problems: readonly PolicyProblem[];
  readonly warnings: readonly PolicyProblem[];
}

/** Rules between the parts of a document: names that are used and not there, rules that can never fit, … */
export function checkMeaning(document: PolicyDocument, source: Source): Meaning {
  const problems: PolicyProblem[] = [];
  const warnings: PolicyProblem[] = [];
  const used = { lists: new Set<string>(), schedules: new Set<string>() };
  const seen = new Map<string, number>();
  for (const [at, rule] of document.rules.entries()) {
    const path = ['rules', at, 'name'];
    const before = rule.name === '' ? undefined : seen.get(rule.name);
    if (before !== undefined) {
      const hint = `Line ${before} has the other one; names stand in logs and must tell rules apart`;
      problems.push(problemAt(path, source, `${rule.name} is already the name of another rule`, hint));
    }
    if (BUILT_IN_NAMES.has(rule.name)) {
      const hint = 'Choose another name: this one stands in logs for what is built in';
      problems.push(problemAt(path, source, `${rule.name} is the name of a built-in rule`, hint));
    }
    seen.set(rule.name, rule.line);
    checkReferences(rule.when, ['rules', at, 'when'], { document, source, used, problems });
    if (rule.then.quarantine === true && rule.then.allow === true) {
      const hint = 'What is allowed is handed on, and nothing is kept of it';
      warnings.push(problemAt(['rules', at, 'then'], source, 'quarantine beside allow does nothing', hint));
    }
  }
  for (const { rule, by } of shadowedRules(document)) {
    const at = document.rules.indexOf(rule);
    const message = `the rule ${rule.name} can never fit: ${by.name} (line ${by.line}) decides everything that it is about`;
    warnings.push(
      problemAt(['rules', at], source, message, `Move ${rule.name} above ${by.name}, or remove it`),
    );
  }
  for (const { at, criterion, reason, hint } of unknowableRules(document)) {
    const message = `the rule ${document.rules[at]!.name} can never fit: ${reason}`;
    warnings.push(problemAt(['rules', at, 'when', criterion], source, message, hint));
  }
  for (const name of Object.keys(document.lists)) {
    if (!used.lists.has(name)) warnings.push(unused(['lists', name], source, 'list', `$${name}`));
  }
  for (const name of Object.keys(document.schedules)) {
    if (!used.schedules.has(name)) warnings.push(unused(['schedules', name], source, 'schedule', name));
  }
  return { problems, warnings };
}

function unused(path: readonly string[], source: Source, what: string, name: string): PolicyProblem {
  return problemAt(path, source, `no rule uses this ${what}`, `A rule names it as ${name}`);
}

interface Work {
  readonly document: PolicyDocument;
  readonly source: Source;
  readonly used: { readonly lists: Set<string>; readonly schedules: Set<string> };
  readonly problems: PolicyProblem[];
}

function checkReferences(when: Condition, path: readonly PropertyKey[], work: Work): void {
  const { document, source, used, problems } = work;
  for (const [criterion, value] of criteriaOf(when)) {
    const { shape, name } = criterion;
    if (shape.kind !== 'texts') continue;
    // Values of such a shape are texts by the schema.
    for (const [index, text] of (value as readonly string[]).entries()) {
      const place = placeOf([...path, name], index, source);
      if (name === 'schedule') {
        used.schedules.add(text);
        if (!Object.hasOwn(document.schedules, text)) {
          problems.push(
            problemAt(place, source, `there is no schedule ${text}`, known('schedules', document)),
          );
        }
      } else if (shape.list !== undefined && isReference(text)) {
        const list = text.slice(1);
        used.lists.add(list);
        const found = Object.hasOwn(document.lists, list) ? document.lists[list] : undefined;
        if (found === undefined) {
          problems.push(problemAt(place, source, `there is no list ${list}`, known('lists', document)));
        } else if (found.kind !== shape.list) {
          const message = `${list} is a list of ${found.kind}; ${name} needs one of ${shape.list}`;
          problems.push(problemAt(place, source, message));
        }
      }
    }
  }
  for (const nest of ['not', 'any'] as const) {
    for (const [index, each] of (when[nest] ?? []).entries()) {
      checkReferences(each, placeOf([...path, nest], index, source), work);
    }
  }
}

function known(section: 'lists' | 'schedules', document: PolicyDocument): string {
  const names = Object.keys(document[section]);
  return names.length === 0
    ? `The document has no section ${section}; add one with it`
    : `Known are ${names.join(', ')}`;
}
