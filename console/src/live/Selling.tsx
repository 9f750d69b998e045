import { Button, Group, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { type NewTier, tiersQuery, usePaid } from './paid.ts';
import type { Stream } from './queries.ts';

/** What its creator sells: months of theirs, and tickets to a stream that is announced. */
export function Selling({ stream }: { stream: Stream }) {
  return (
    <>
      <Months />
      {stream.status === 'scheduled' && stream.visibility !== 'ticket' && <SellTickets stream={stream} />}
    </>
  );
}

function Months() {
  const { session } = useSignedIn();
  const { tandem, user } = session;
  const { data: tiers = [] } = useQuery(tiersQuery(session, user.id));
  const paid = usePaid();
  const put = useOneAtATime({
    mutationFn: (next: NewTier[]) => tandem.subscriptions.setTiers(user.id, { tiers: next }),
    onSettled: paid,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = String(form.get('name')).trim();
    // One of that name has another price from now on.
    const code = tiers.find((tier) => tier.name === name)?.code ?? newCode();
    const others = tiers.filter((tier) => tier.code !== code);
    put.mutate([...others, { code, name, price: Number(form.get('price')), perks: [] }]);
    event.currentTarget.reset();
  };
  return (
    <section aria-label="What you sell by the month">
      <Title order={3} fz="sm">
        Months of yours
      </Title>
      {tiers.map(({ code, name, price }) => (
        <Group key={code} justify="space-between" gap="xs" wrap="nowrap" data-sold-tier={code}>
          <Text size="sm">
            {name}: {price} TOKEN a month
          </Text>
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            flex="none"
            aria-label={`No more ${name}`}
            onClick={() => put.mutate(tiers.filter((tier) => tier.code !== code))}
          >
            No more
          </Button>
        </Group>
      ))}
      <form onSubmit={submit} aria-label="Sell months">
        <Group gap="xs" align="end" mt={4}>
          <TextInput name="name" label="Called" size="xs" flex={1} required maxLength={40} />
          <TextInput name="price" label="TOKEN a month" size="xs" w={130} inputMode="numeric" required />
          <Button type="submit" size="xs" variant="default" loading={put.isPending}>
            Sell it
          </Button>
        </Group>
      </form>
      <Failure error={put.error} onRetry={put.again} />
    </section>
  );
}

/** Names may be in any letters, codes are not; and one that was sold before is still somebody's. */
function newCode(): string {
  return `tier_${newIdempotencyKey()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(-12)}`;
}

/** From then on the stream is for those who have one. */
function SellTickets({ stream }: { stream: Stream }) {
  const { tandem } = useSignedIn().session;
  const paid = usePaid();
  const sell = useOneAtATime({
    mutationFn: ({ key, ...asked }: { capacity: number; price: string; starts_at: string; key: string }) =>
      tandem.ticketEvents.create(
        { ...asked, title: stream.title, asset: 'TOKEN', stream_id: stream.id },
        { idempotencyKey: key },
      ),
    onSettled: paid,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // Asked for only where the stream has no time of its own.
    const at = form.get('at');
    sell.mutate({
      capacity: Number(form.get('capacity')),
      price: String(form.get('price')),
      starts_at: at ? new Date(String(at)).toISOString() : (stream.scheduled_at ?? ''),
      key: newIdempotencyKey(),
    });
  };
  return (
    <form onSubmit={submit} aria-label="Sell tickets">
      <Title order={3} fz="sm">
        Tickets to it
      </Title>
      <Group gap="xs" align="end" mt={4}>
        <TextInput name="capacity" label="Tickets" size="xs" w={80} defaultValue="100" inputMode="numeric" required />
        <TextInput name="price" label="TOKEN each" size="xs" w={100} defaultValue="25" inputMode="numeric" required />
        {stream.scheduled_at === null && (
          <TextInput name="at" type="datetime-local" label="When it begins" size="xs" required />
        )}
        <Button type="submit" size="xs" variant="default" loading={sell.isPending}>
          Sell tickets
        </Button>
      </Group>
      <Text size="xs" c="dimmed">
        From then on it is for those who have one.
      </Text>
      <Failure error={sell.error} onRetry={sell.again} />
    </form>
  );
}
