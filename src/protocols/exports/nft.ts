import { type ExportFormat, identifier } from './entry.ts';

/** Elements of one statement: the kernel takes a batch at once, and a line stays readable. */
const BATCH = 256;
/** NFT_SET_MAXNAMELEN is 256 with its end; the family follows the name. */
const SET_NAME_MAX = 200;

/**
 * Sets for nftables, in one file that `nft -f` applies as a whole: what was in the sets is gone, what is in the file
 * is in them. Overlapping networks are merged by the sets themselves.
 */
export const NFT: ExportFormat = {
  name: 'nft',
  about: 'nftables sets of IPv4 and IPv6 networks, applied whole by nft -f',
  type: 'text/plain; charset=utf-8',
  groups: ['ip'],
  paged: false,
  create(facts, out) {
    // Names begin with a letter there.
    const base = `feed_${identifier(facts.name)}`.slice(0, SET_NAME_MAX);
    const waiting: Record<4 | 6, string[]> = { 4: [], 6: [] };
    const flush = (family: 4 | 6): void => {
      if (waiting[family].length === 0) return;
      out.write(`add element inet sallyport ${base}_v${family} { ${waiting[family].join(', ')} }\n`);
      waiting[family] = [];
    };
    return {
      head() {
        out.write(`# ${facts.name}, generation ${facts.generation}\n`);
        out.summary('# ');
        out.write(`# use it so: ip daddr @${base}_v4 drop; ip6 daddr @${base}_v6 drop\n`);
        out.write('table inet sallyport {\n');
        for (const family of [4, 6]) {
          out.write(`  set ${base}_v${family} {\n    type ipv${family}_addr\n`);
          out.write('    flags interval\n    auto-merge\n  }\n');
        }
        out.write('}\n');
        for (const family of [4, 6]) out.write(`flush set inet sallyport ${base}_v${family}\n`);
      },
      entry({ kind, value }) {
        if ((kind !== 'address' && kind !== 'network') || !/^[0-9a-f:./]+$/.test(value)) return false;
        const family = value.includes(':') ? 6 : 4;
        waiting[family].push(value);
        if (waiting[family].length >= BATCH) flush(family);
        return true;
      },
      end() {
        flush(4);
        flush(6);
      },
    };
  },
};
