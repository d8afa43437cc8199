import type { HeaderChange } from '../decision.ts';
import type { FieldEdit } from '../document.ts';
import type { ModifyingAction } from './action.ts';

export const headers: ModifyingAction<'headers'> = {
  kind: 'modifying',
  name: 'headers',
  about:
    'Set or remove fields of the request or the response on their way. What frames a message or belongs to one hop cannot be touched',
  example: '{ request: { set: { X-Restricted: "yes" }, remove: [Referer] } }',
  collect(effects, _rule, { request, response }) {
    effects.changes.push(...changesOf('request', request), ...changesOf('response', response));
  },
};

function changesOf(message: HeaderChange['message'], { set, remove }: FieldEdit): readonly HeaderChange[] {
  return [
    ...remove.map((name): HeaderChange => ({ message, op: 'remove', name, value: '' })),
    ...Object.entries(set).map(([name, value]): HeaderChange => ({ message, op: 'set', name, value })),
  ];
}
