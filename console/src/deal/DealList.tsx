import { Badge, Group, Loader, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Failure } from '../client/Failure.tsx';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import classes from './DealList.module.css';
import { openDeal } from './openDeal.ts';
import { conversationsQuery, type Summary } from './queries.ts';
import { useTitle } from './useTitle.ts';

/** Everything one talks about, last changed first. */
export function DealList() {
  const { session } = useSignedIn();
  const { data, error, isPending, refetch } = useQuery(conversationsQuery(session));
  if (isPending) return <Loader m="auto" aria-label="Reading the deals" />;
  // What was read before is better than a word that it could not be read anew.
  if (!data) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data.length === 0) {
    return (
      <Text c="dimmed" size="sm" ta="center" py="xl">
        No deals yet. They begin in the market.
      </Text>
    );
  }
  return (
    <ul className={classes.list}>
      {data.map((summary) => (
        <li key={summary.id}>
          <Row summary={summary} />
        </li>
      ))}
    </ul>
  );
}

function Row({ summary }: { summary: Summary }) {
  const { session } = useSignedIn();
  const title = useTitle(session, summary);
  const mine = summary.current_action_data !== null;
  return (
    <UnstyledButton className={classes.row} onClick={() => openDeal(summary.id)} data-deal={summary.id}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} size="sm" lineClamp={1}>
          {title}
        </Text>
        <Group gap={6} wrap="nowrap">
          {summary.unread_count > 0 && (
            <Badge size="sm" circle={summary.unread_count < 10} aria-label={`${summary.unread_count} not seen`}>
              {summary.unread_count}
            </Badge>
          )}
          <Badge size="sm" variant={mine ? 'filled' : 'light'} color={mine ? 'teal' : 'gray'}>
            {mine ? 'Your turn' : words(summary.flow_state)}
          </Badge>
        </Group>
      </Group>
      <Text size="xs" c="dimmed" lineClamp={1}>
        {summary.last_message?.message ?? ''}
      </Text>
    </UnstyledButton>
  );
}
