import { Anchor, Card, Group, Progress, Text, Title } from '@mantine/core';
import { Link } from 'wouter';
import { caseHref } from '../door/where.ts';
import { Countdown } from '../machine/Countdown.tsx';
import type { State } from './queries.ts';

type Open = NonNullable<State['challenge']>;

export const COUNTED: Record<Open['type'], string> = {
  gifts: 'TOKEN in gifts',
  likes: 'reactions',
  viewers: 'watching at once',
  votes: 'votes in polls',
};

/** What the crowd is to come to together, and how far it is. */
export function Challenge({ challenge, own }: { challenge: Open; own: boolean }) {
  const { id, type, target, progress, reward, starts_at, ends_at } = challenge;
  return (
    <Card withBorder padding="sm" component="section" aria-label="Challenge" data-challenge={progress}>
      <Group justify="space-between" wrap="nowrap" align="start" mb="xs">
        <div>
          <Title order={3} fz="sm">
            {target.toLocaleString('en-IN')} {COUNTED[type]}
          </Title>
          {reward && (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              For: {reward}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {progress.toLocaleString('en-IN')} so far
          </Text>
        </div>
        <Countdown deadline={ends_at} since={starts_at} />
      </Group>
      <Progress value={Math.min(100, (100 * progress) / target)} aria-label="How far it is" />
      {own && (
        <Anchor component={Link} href={caseHref(id)} size="xs" display="block" mt={6}>
          Its case, to stop it
        </Anchor>
      )}
    </Card>
  );
}
