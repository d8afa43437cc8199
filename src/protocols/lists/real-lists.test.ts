import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsedList } from '../../../test/support/lists.ts';
import { missingData, testData } from '../../../test/support/test-data.ts';
import { detectFormat, type ListFormat } from './index.ts';

/** Real lists: the format that is seen, the entries, the lines that are none. */
const LISTS: readonly (readonly [string, ListFormat, number, number])[] = [
  ['03-domains/list_formats/blocklistproject_ransomware.hosts', 'hosts', 1904, 0],
  ['03-domains/list_formats/blocklistproject_ransomware.domains', 'plain', 1904, 0],
  ['03-domains/list_formats/blocklistproject_ransomware.dnsmasq', 'dnsmasq', 1904, 0],
  ['03-domains/list_formats/blocklistproject_ransomware.adguard', 'adguard', 1904, 0],
  ['03-domains/maltrail_trails.csv.gz', 'maltrail', 81_410, 4405],
  ['03-domains/categories_ut1.csv.gz', 'csv', 73_051, 0],
  ['03-domains/ut1_format/vpn/domains', 'ut1', 2500, 0],
  ['03-domains/ut1_format/webmail/urls', 'ut1', 9, 0],
  ['03-domains/eth-phishing-detect/config.json.gz', 'eth-phishing-detect', 14_888, 3],
  ['03-domains/misp_warninglists/empty-hashes.json', 'misp-warninglist', 3, 3],
  ['03-domains/misp_warninglists/tlds.json', 'misp-warninglist', 1438, 0],
  ['03-domains/misp_warninglists/microsoft-azure-appid.json', 'misp-warninglist', 0, 4],
  ['03-domains/v2fly/category-doh', 'v2fly', 127, 0],
  ['04-hashes/known_bad.csv.gz', 'csv', 40_813, 0],
  ['04-hashes/known_good.csv.gz', 'hashlookup-csv', 3 * 11_699, 0],
  ['04-hashes/dpkg_md5sums_native.txt.gz', 'md5sums', 5623, 0],
  ['04-hashes/signature-base_hash-iocs.txt.gz', 'hash-comment', 3224, 0],
  ['04-hashes/misp_ti-falsepositives.json.gz', 'misp-warninglist', 24_645, 0],
  ['05-intel/abusech_formats/feodotracker.csv', 'feodo-csv', 2, 0],
  ['05-intel/abusech_formats/malwarebazaar_recent.csv', 'malwarebazaar-csv', 6, 0],
  ['05-intel/abusech_formats/threatfox_recent.csv', 'threatfox-csv', 3, 0],
  ['05-intel/abusech_formats/threatfox_recent.json', 'threatfox-json', 1, 0],
  ['05-intel/abusech_formats/urlhaus_csv_recent.csv', 'urlhaus-csv', 3, 0],
  ['05-intel/abusech_formats/urlhaus_hostfile.txt', 'hosts', 2, 0],
  ['05-intel/edl/threatfox_ips.txt', 'plain', 11_982, 0],
  ['05-intel/tweetfeed/csv/20260105.csv', 'tweetfeed-csv', 518, 0],
];

for (const [path, format, entries, problems] of LISTS) {
  test(`${path} is ${format}`, { skip: missingData(path) }, async () => {
    const bytes = testData(path)!;
    assert.equal(detectFormat(path, bytes.toString('utf8', 0, 65_536)), format);
    const parsed = await parsedList(format, bytes, {
      path,
      cuts: 65_536,
      lineBytesMax: 16_384,
      documentBytesMax: 1 << 28,
    });
    assert.deepEqual([parsed.entries.length, parsed.problems.length], [entries, problems]);
  });
}
