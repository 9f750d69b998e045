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
  const {
    data: event,
    error,
    refetch,
  } = useQuery({
    ...ticketEventQuery(session, creator.id, id ?? ''),
    enabled: id !== null,
  });
  if (id === null) return null;
  if (!event) return <ReadFailure error={error} onRetry={() => void refetch()} />;
  const { title, starts_at, sold, capacity, status } = event;
  return (
    <Card withBorder padding="sm" component="section" aria-label="Tickets">
      <Group justify="space-between" gap="xs">
        <div>
          <Title order={3} fz="sm">
            {title}
          </Title>
          <Text size="sm" c="dimmed" data-sold={sold}>
            {dateOf(starts_at)} ·{' '}
            {status === 'on_sale' ? `${capacity - sold} of ${capacity} tickets left` : words(status)}
          </Text>
        </div>
        {creator.id === session.user.id ? (
          <Anchor component={Link} href={caseHref(id)} size="sm">
            Its case
          </Anchor>
        ) : event.has_ticket ? (
          <Had id={id} onSale={status === 'on_sale'} />
        ) : (
          status === 'on_sale' && (
            <Buying id={id} price={formatAmount(event.price, event.asset)} left={capacity - sold} />
          )
        )}
      </Group>
    </Card>
  );
}

/** A ticket that one has, and gives back while that is possible. */
function Had({ id, onSale }: { id: string; onSale: boolean }) {
  const { tandem } = useSignedIn().session;
  const giveBack = useOneAtATime({
    mutationFn: async (eventId: string) => {
      const { ticket } = await tandem.ticketEvents.myTicket(eventId);
      await tandem.ticketEvents.takeBack(eventId, ticket.id);
    },
    onSettled: usePaid(),
  });
  return (
    <Group gap="xs">
      <Text size="sm" fw={600} data-ticket>
        You have a ticket
      </Text>
      {onSale && (
        <Button size="xs" variant="default" loading={giveBack.isPending} onClick={() => giveBack.mutate(id)}>
          Give it back
        </Button>
      )}
      <Failure error={giveBack.error} onRetry={giveBack.again} />
    </Group>
  );
}

/** One of the tickets that are left, for this price. */
function Buying({ id, price, left }: { id: string; price: string; left: number }) {
  const { tandem } = useSignedIn().session;
  const buy = useOneAtATime({
    mutationFn: (key: string) => tandem.ticketEvents.buy(id, {}, { idempotencyKey: key }),
    onSettled: usePaid(),
  });
  return (
    <div>
      <Button size="xs" disabled={left === 0} loading={buy.isPending} onClick={() => buy.mutate(newIdempotencyKey())}>
        {left === 0 ? 'Sold out' : `Buy a ticket for ${price}`}
      </Button>
      <Failure error={buy.error} onRetry={buy.again} />
    </div>
  );
}
