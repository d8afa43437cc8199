import { anyFits, defineCriterion, overFact, shown } from '../criterion.ts';
import { compileSchedule } from '../schedule.ts';
import { lineProblem } from './texts.ts';

export const schedule = defineCriterion<readonly string[]>({
  name: 'schedule',
  about: 'The time lies in one of these schedules of the document, by the clock of their own time zone',
  example: 'office-hours',
  shape: { kind: 'texts', what: 'name of a schedule', check: lineProblem },
  compile(values, context) {
    const isIn = anyFits(
      values.map((name) =>
        context.share(`schedule:${name}`, () => compileSchedule(context.schedules[name] ?? [])),
      ),
    );
    return overFact(0, ({ nowMs }) => (nowMs === undefined ? undefined : isIn(nowMs)), {
      what: 'time',
      value: ({ nowMs }) => (nowMs === undefined ? '' : new Date(nowMs).toISOString()),
      wanted: `in ${shown(values)}`,
    });
  },
});
