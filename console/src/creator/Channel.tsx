import { Badge, Button, Card, Group, Progress, SegmentedControl, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { useTitle } from '../door/useTitle.ts';
import { words } from '../machine/words.ts';
import { formatAmount } from '../money/amounts.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { PostVideo } from '../video/PostVideo.tsx';
import { type Milestone, milestonesQuery, type Period, type Stats, statsQuery, tipsQuery } from './queries.ts';
import { Top } from './Top.tsx';

const PERIODS: { value: Period; label: string }[] = [
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: 'all', label: 'All' },
];

/** A creator's own: how it goes, what it comes to, what is next, and what to post. */
export default function Channel() {
  useTitle('Your channel');
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const period = (params.get('period') ?? '7d') as Period;
  const [posting, setPosting] = useState(false);
  const { data, error, refetch } = useQuery(statsQuery(session, period));
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          value={period}
          onChange={(next) => setParams({ period: next }, { replace: true })}
          data={PERIODS}
        />
        {!posting && (
          <Button size="xs" onClick={() => setPosting(true)}>
            Post a video
          </Button>
        )}
      </Group>
      {posting && <PostVideo onDone={() => setPosting(false)} />}
      <ReadFailure error={error} onRetry={() => void refetch()} />
      {data && <Numbers stats={data} />}
      <Top />
      <Milestones />
      <Tips />
    </Stack>
  );
}

function Numbers({ stats }: { stats: Stats }) {
  const { views, watch_seconds, likes, comments, shares, followers, earnings, videos, rating } = stats;
  return (
    <section aria-label="How it goes">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} spacing="sm" component="dl" m={0}>
        <Figure name="Views" value={views.value} change={views.change} />
        <Figure name="Seconds watched" value={watch_seconds.value} change={watch_seconds.change} />
        <Figure name="Likes" value={likes.value} change={likes.change} />
        <Figure name="Comments" value={comments.value} change={comments.change} />
        <Figure name="Shares" value={shares.value} change={shares.change} />
        <Figure name="Followers" value={followers.total} change={followers.gained - followers.lost} />
        <Figure name="Videos" value={videos} change={null} />
        <Figure name="Rating" value={rating ?? '—'} change={null} />
      </SimpleGrid>
      <Title order={2} fz="lg" mt="md" mb="xs">
        Earned
      </Title>
      {earnings.length === 0 && (
        <Text c="dimmed" size="sm">
          Nothing in this time.
        </Text>
      )}
      <Group gap="sm">
        {earnings.map(({ kind, asset, amount }) => (
          <Badge key={`${kind} ${asset}`} size="lg" variant="light" color="teal" tt="none">
            {words(kind)}: {formatAmount(amount, asset)}
          </Badge>
        ))}
      </Group>
    </section>
  );
}

function Figure({ name, value, change }: { name: string; value: number | string; change: number | null }) {
  return (
    <Card withBorder padding="sm">
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} fw={650} fz="xl">
        {typeof value === 'number' ? value.toLocaleString('en-IN') : value}
      </Text>
      {change !== null && change !== 0 && (
        <Text component="dd" m={0} size="xs" c="dimmed">
          {change > 0 ? `${change} more` : `${-change} fewer`} than before
        </Text>
      )}
    </Card>
  );
}

/** As many as are looked at without being asked for. */
const CLOSEST = 6;

function Milestones() {
  const { session } = useSignedIn();
  const { data } = useQuery(milestonesQuery(session));
  const [all, setAll] = useState(false);
  if (!data || data.length === 0) return null;
  const shown = all ? data : closest(data).slice(0, CLOSEST);
  return (
    <section aria-label="Milestones">
      <Title order={2} fz="lg" mb="xs">
        Milestones
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
        {shown.map(({ id, title, progress, target, reached_at, reward }) => (
          <Card key={id} withBorder padding="sm">
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <Text size="sm" fw={600}>
                {title}
              </Text>
              <Text size="xs" c="dimmed">
                {formatAmount(reward.amount, reward.asset)}
              </Text>
            </Group>
            <Progress
              value={Math.min(100, (100 * progress) / target)}
              size="sm"
              my={6}
              aria-label={`${title}: so far`}
            />
            <Text size="xs" c="dimmed">
              {reached_at
                ? `Reached on ${new Date(reached_at).toLocaleDateString()}`
                : `${progress.toLocaleString('en')} of ${target.toLocaleString('en')}`}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
      {data.length > CLOSEST && (
        <Button size="xs" variant="default" mt="xs" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'The closest' : `All ${data.length}`}
        </Button>
      )}
    </section>
  );
}

/** Those that are still to be reached, the one that is nearest first; then what was. */
function closest(milestones: readonly Milestone[]): Milestone[] {
  const share = ({ reached_at, progress, target }: Milestone) => (reached_at === null ? progress / target : -1);
  return milestones.toSorted((a, b) => share(b) - share(a));
}

function Tips() {
  const { session } = useSignedIn();
  const { data } = useQuery(tipsQuery(session));
  if (!data || data.length === 0) return null;
  return (
    <section aria-label="Tips">
      <Title order={2} fz="lg" mb="xs">
        Tips
      </Title>
      <Stack gap={4}>
        {data.map(({ id, sender, asset, amount, message }) => (
          <Text key={id} size="sm">
            <strong>{formatAmount(amount, asset)}</strong> from {sender.handle}
            {message && `: “${message}”`}
          </Text>
        ))}
      </Stack>
    </section>
  );
}
