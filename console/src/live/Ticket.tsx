import { Anchor, Button, Card, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { newIdempotencyKey } from 'tandem-client';
import { Link } from 'wouter';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { caseHref } from '../door/where.ts';
import { words } from '../machine/words.ts';
import { formatAmount } from '../money/amounts.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { ticketEventQuery, usePaid } from './paid.ts';
import type { Stream } from './queries.ts';
import { dateOf } from './words.ts';

/** The ticket that a stream is seen with: bought, had, given back; for its creator, how many were sold. */
export function Ticket({ stream: { creator, ticket_event_id: id } }: { stream: Stream }) {
  const { session } = useSignedIn();
  const { tandem, user } = session;
  const {
    data: event,
    error,
    refetch,
  } = useQuery({
    ...ticketEventQuery(session, creator.id, id ?? ''),
    enabled: id !== null,
  });
  const paid = usePaid();
  const buy = useOneAtATime({
    mutationFn: (key: string) => tandem.ticketEvents.buy(id ?? '', {}, { idempotencyKey: key }),
    onSettled: paid,
  });
  const giveBack = useOneAtATime({
    mutationFn: async (eventId: string) => {
      const { ticket } = await tandem.ticketEvents.myTicket(eventId);
      await tandem.ticketEvents.takeBack(eventId, ticket.id);
    },
    onSettled: paid,
  });
  if (id === null) return null;
  if (!event) return <ReadFailure error={error} onRetry={() => void refetch()} />;
  const { title, starts_at, price, asset, sold, capacity, status, has_ticket } = event;
  const left = capacity - sold;
  const own = creator.id === user.id;
  return (
    <Card withBorder padding="sm" component="section" aria-label="Tickets">
      <Group justify="space-between" gap="xs">
        <div>
          <Title order={3} fz="sm">
            {title}
          </Title>
          <Text size="sm" c="dimmed" data-sold={sold}>
            {dateOf(starts_at)} · {status === 'on_sale' ? `${left} of ${capacity} tickets left` : words(status)}
          </Text>
        </div>
        {own ? (
          <Anchor component={Link} href={caseHref(id)} size="sm">
            Its case
          </Anchor>
        ) : has_ticket ? (
          <Group gap="xs">
            <Text size="sm" fw={600} data-ticket>
              You have a ticket
            </Text>
            {status === 'on_sale' && (
              <Button size="xs" variant="default" loading={giveBack.isPending} onClick={() => giveBack.mutate(id)}>
                Give it back
              </Button>
            )}
          </Group>
        ) : (
          status === 'on_sale' && (
            <Button
              size="xs"
              disabled={left === 0}
              loading={buy.isPending}
              onClick={() => buy.mutate(newIdempotencyKey())}
            >
              {left === 0 ? 'Sold out' : `Buy a ticket for ${formatAmount(price, asset)}`}
            </Button>
          )
        )}
      </Group>
      <Failure error={buy.error} onRetry={buy.again} />
      <Failure error={giveBack.error} onRetry={giveBack.again} />
    </Card>
  );
}
