import { z } from 'zod';
import { count, duration, line, size } from './keys.ts';

/** Sections of the file about what goes out: lists for firewalls, and the TAXII server. */

export const exports = z.strictObject({
  cacheBytesMax: size('4GiB', ['1MiB', '1TiB'], {
    about: 'Disk space of rendered exports; those that were not asked for longest are removed first',
  }),
  fileBytesMax: size('2GiB', ['64KiB', '64GiB'], { about: 'Largest file of one rendered export' }),
  rendersMax: count(1, [1, 16], {
    about: 'Exports that are rendered at the same time, each in a process of low priority',
  }),
  rendersWaitingMax: count(64, [1, 10_000], {
    about: 'Exports that may wait to be rendered; further requests get 429',
  }),
  renderTimeout: duration('10m', ['1s', '1d'], { about: 'Longest time that one rendering may take' }),
  answerTimeout: duration('2m', ['1s', '1h'], {
    about: 'How long a client is kept waiting for a rendering before it gets 503 with Retry-After',
  }),
  pageLinesMax: count(1_000_000, [1, 100_000_000], { about: 'Lines of one page (?limit=)' }),
  producer: line('Sallyport', {
    about:
      'Name of the identity that STIX objects are from; their ids are made from it, so it should never change',
    max: 100,
  }),
  suricataSidBase: count(9_000_000, [1, 2_000_000_000], {
    about:
      'First signature id of exported Suricata rules; 1,000,000 to 1,999,999 is the range for local rules',
  }),
  suricataRulesMax: count(100_000, [1, 10_000_000], {
    about: 'Suricata rules of one export; further entries are counted as left out',
  }),
  mispEventEntriesMax: count(10_000, [1, 1_000_000], {
    about: 'Attributes of one event of a MISP feed; MISP reads an event as a whole',
  }),
  fortinetPartLinesMax: count(131_072, [1, 100_000_000], {
    about:
      'Lines of one part of a Fortinet list; 131,072 is the bound of FortiMail and of smaller FortiGates',
  }),
  fortinetPartBytesMax: size('10MiB', ['1KiB', '1GiB'], {
    about: 'Bytes of one part of a Fortinet list; FortiOS and FortiMail take 10 MB',
  }),
});

export const taxii = z.strictObject({
  title: line('Sallyport', { about: 'Title of the TAXII server', max: 100 }),
  pageObjectsMax: count(1000, [1, 10_000], { about: 'Objects of one page, whatever the client asks for' }),
  matchValuesMax: count(100, [1, 10_000], { about: 'Values of one match[…] filter' }),
  collectionEntriesMax: count(5_000_000, [1000, 100_000_000], {
    about: 'Objects of a collection that is made from an export; 56 bytes of memory each while it is indexed',
  }),
  collectionObjectsMax: count(100_000, [1, 10_000_000], {
    about: 'Objects, all versions counted, in a collection that clients write to',
  }),
  envelopeObjectsMax: count(10_000, [1, 1_000_000], { about: 'Objects that one POST may add' }),
  statusesMax: count(1000, [1, 100_000], { about: 'Status resources of past writes that are kept' }),
});
