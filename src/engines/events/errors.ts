import { defineErrors } from '../../kernel/index.ts';

export const eventErrors = defineErrors({
  EVENTS_QUERY: {
    kind: 'peer',
    message: '{field} cannot be searched for: {reason}',
    hint: 'see the parameters of GET /api/v1/events in /api/docs, or: show events --help',
  },
  EVENT_UNKNOWN: {
    kind: 'peer',
    message: 'there is no event {id}, or no longer',
    hint: 'days that are older than events.keepDays are removed; search for its time with: show events --since',
  },
  EVENTS_BUSY: {
    kind: 'limit',
    message: 'too many searches wait already',
    hint: 'try again in a moment',
  },
  EVENTS_UNREADABLE: {
    kind: 'unavailable',
    message: 'the event store cannot be searched: {reason}',
    hint: 'look at the disk of the data directory; sallyport doctor names what is wrong',
  },
});
