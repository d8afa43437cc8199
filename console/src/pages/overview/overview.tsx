import { pageTitle } from '../../lib/title.ts';
import { useState } from 'preact/hooks';
import { PageHead, Segmented } from '../../ui/index.ts';
import { Doors, FeedAges, LatestDecisions } from './lists.tsx';
import { Plots } from './plots.tsx';
import './overview.css';
import { texts } from './texts.ts';

const RANGES = ['15', '60', '360', '1440'] as const;
type Range = (typeof RANGES)[number];
const RANGE_TEXT: Readonly<Record<Range, string>> = { 15: '15 min', 60: '1 h', 360: '6 h', 1440: '24 h' };

export function Page() {
  const t = texts();
  const [range, setRange] = useState<Range>('60');
  return (
    <>
      <PageHead title={pageTitle.value} lead={t.lead}>
        <Segmented<Range>
          label={t.range}
          value={range}
          options={RANGES.map((each) => [each, RANGE_TEXT[each]])}
          onChange={setRange}
        />
      </PageHead>
      <div class="stack">
        <Plots minutes={Number(range)} />
        <LatestDecisions />
        <div class="columns">
          <Doors />
          <FeedAges />
        </div>
      </div>
    </>
  );
}
