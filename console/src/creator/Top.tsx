import { Group, SegmentedControl, SimpleGrid, Stack, Table, Text, Title, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Bars } from '../chart/Bars.tsx';
import { ReadFailure } from '../client/Failure.tsx';
import { Wide } from '../door/FoundList.tsx';
import { formatAmount } from '../money/amounts.ts';
import money from '../money/Ledger.module.css';
import { useSignedIn } from '../session/signedIn.tsx';
import { videoAnalyticsQuery } from '../video/queries.ts';
import { dayByDay } from './days.ts';
import { type TopVideo, topQuery } from './queries.ts';
import classes from './Top.module.css';

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
  const open = data?.find(({ video_id }) => video_id === chosen) ?? data?.[0];
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
      {data && open && (
        <Stack gap="md">
          <Videos videos={data} open={open.video_id} onOpen={setChosen} />
          <OneVideo video={open} />
        </Stack>
      )}
    </section>
  );
}

type VideosProps = { videos: readonly TopVideo[]; open: string; onOpen: (id: string) => void };

function Videos({ videos, open, onOpen }: VideosProps) {
  return (
    <Wide name="Your videos">
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Video</Table.Th>
            {['Views', 'Likes', 'Earned'].map((name) => (
              <Table.Th key={name} scope="col" ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {videos.map(({ video_id, title, views, likes, earnings }) => (
            <Table.Tr key={video_id} className={video_id === open ? classes.open : undefined}>
              <Table.Td>
                <UnstyledButton
                  fz="sm"
                  className={classes.choose}
                  aria-pressed={video_id === open}
                  onClick={() => onOpen(video_id)}
                >
                  {title}
                </UnstyledButton>
              </Table.Td>
              {[views.toLocaleString('en-IN'), likes.toLocaleString('en-IN'), formatAmount(earnings, 'LYK')].map(
                (text, at) => (
                  <Table.Td key={BY[at]?.value} ta="right" className={money.amount}>
                    {text}
                  </Table.Td>
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

const asDay = (day: string) => new Date(`${day}T12:00`).toLocaleDateString([], { day: 'numeric', month: 'short' });
const asShare = (share: number) => `${Math.round(100 * share)} %`;

function OneVideo({ video: { video_id, title } }: { video: TopVideo }) {
  const { session } = useSignedIn();
  const { data, error } = useQuery(videoAnalyticsQuery(session, video_id));
  if (!data) return <ReadFailure error={error} />;
  const days = dayByDay(data.days);
  return (
    <section aria-label={`How ${title} does`}>
      <Title order={3} fz="md" mb={4}>
        {title}
      </Title>
      {days.length === 0 ? (
        <Text c="dimmed" size="sm">
          Nobody has watched it yet.
        </Text>
      ) : (
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
          <Bars
            name="Views by day"
            bars={days.map(({ day, of }) => ({
              label: asDay(day),
              value: of?.views ?? 0,
              said: `${asDay(day)}: ${of?.views ?? 0} views`,
            }))}
          />
          <Bars
            name="Points by day"
            shown={(value) => formatAmount(String(value), 'LYK')}
            bars={days.map(({ day, of }) => ({
              label: asDay(day),
              value: Number(of?.rewards ?? 0),
              said: `${asDay(day)}: ${of?.rewards ?? 0} LYK`,
            }))}
          />
          <Bars
            name="How far it is watched"
            full={1}
            shown={asShare}
            bars={data.retention.map((share, part) => ({
              label: asShare(part / data.retention.length),
              value: share,
              said: `${asShare(share)} of viewers watched part ${part + 1} of ${data.retention.length}`,
            }))}
          />
        </SimpleGrid>
      )}
    </section>
  );
}
