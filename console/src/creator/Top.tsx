import { Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Bars } from '../chart/Bars.tsx';
import { ReadFailure } from '../client/Failure.tsx';
import { formatAmount } from '../money/amounts.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { videoAnalyticsQuery } from '../video/queries.ts';
import { topQuery } from './queries.ts';

const BY = [
  { value: 'views', label: 'Views' },
  { value: 'likes', label: 'Likes' },
  { value: 'earnings', label: 'Earnings' },
];

/** The videos that come to most, and how the chosen one does: day by day, and how far it is watched. */
export function Top() {
  const { session } = useSignedIn();
  const [by, setBy] = useState<'views' | 'likes' | 'earnings'>('views');
  const [chosen, setChosen] = useState<string | null>(null);
  const { data, error } = useQuery(topQuery(session, by));
  const open = chosen ?? data?.[0]?.video_id ?? null;
  return (
    <section aria-label="Top videos">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz="lg">
          Top videos
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="By what"
          value={by}
          onChange={(next) => setBy(next as typeof by)}
          data={BY}
        />
      </Group>
      <ReadFailure error={error} />
      {data?.length === 0 && (
        <Text c="dimmed" size="sm">
          You have posted no video yet.
        </Text>
      )}
      {data && data.length > 0 && (
        <Stack gap="sm">
          <SegmentedControl
            size="xs"
            aria-label="Which video"
            w="fit-content"
            maw="100%"
            value={open ?? ''}
            onChange={setChosen}
            data={data.slice(0, 4).map(({ video_id, title, views, likes, earnings }) => ({
              value: video_id,
              label: `${title.slice(0, 24)}: ${by === 'earnings' ? formatAmount(earnings, 'LYK') : by === 'views' ? views : likes}`,
            }))}
          />
          {open && <OneVideo id={open} />}
        </Stack>
      )}
    </section>
  );
}

function OneVideo({ id }: { id: string }) {
  const { session } = useSignedIn();
  const { data, error } = useQuery(videoAnalyticsQuery(session, id));
  if (!data) return <ReadFailure error={error} />;
  const days = data.days.toReversed();
  if (days.length === 0)
    return (
      <Text c="dimmed" size="sm">
        Nobody has watched it yet.
      </Text>
    );
  const parts = data.retention.map((share, part) => ({
    label: `${part * 5} %`,
    value: share,
    said: `${Math.round(100 * share)} % of viewers watched part ${part + 1} of ${data.retention.length}`,
  }));
  return (
    <Group align="start" gap="lg" grow preventGrowOverflow={false}>
      <Bars
        name="Views by day"
        bars={days.map(({ day, views }) => ({ label: day, value: views, said: `${day}: ${views} views` }))}
      />
      <Bars
        name="Points by day, LYK"
        bars={days.map(({ day, rewards }) => ({ label: day, value: Number(rewards), said: `${day}: ${rewards} LYK` }))}
      />
      <Bars name="How far it is watched" bars={parts} />
    </Group>
  );
}
