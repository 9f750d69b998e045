import { Anchor, Button, Card, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { newIdempotencyKey } from 'tandem-client';
import { Link } from 'wouter';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { caseHref } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { type Subscription, subscriptionQuery, type Tier, tiersQuery, usePaid } from './paid.ts';
import type { Stream } from './queries.ts';
import { dateOf } from './words.ts';

/** What a creator sells by the month: bought here, and changed at its case. */
export function Subscribe({ creator }: { creator: Stream['creator'] }) {
  const { session } = useSignedIn();
  const tiers = useQuery(tiersQuery(session, creator.id));
  const mine = useQuery(subscriptionQuery(session, creator.id));
  const error = tiers.error ?? mine.error;
  if (error) return <ReadFailure error={error} onRetry={() => void Promise.all([tiers.refetch(), mine.refetch()])} />;
  if (!tiers.data || mine.data === undefined || (tiers.data.length === 0 && !mine.data)) return null;
  return (
    <Card withBorder padding="sm" component="section" aria-label="Subscribe">
      <Title order={3} fz="sm" mb={4}>
        {mine.data ? `You subscribe to ${creator.handle}` : `Subscribe to ${creator.handle}`}
      </Title>
      {mine.data ? <Mine subscription={mine.data} /> : <Choice creator={creator} tiers={tiers.data} />}
    </Card>
  );
}

function Mine({
  subscription: { id, tier, paid_until, renews, price, next_price, giver },
}: {
  subscription: Subscription;
}) {
  const until = paid_until ? ` until ${dateOf(paid_until)}` : '';
  return (
    <Text size="sm" data-subscribed={tier.code}>
      {tier.name}, paid for{until}
      {giver && `, a gift of ${giver.handle}`}.{' '}
      {renews ? `Renewed then for ${next_price ?? price} TOKEN.` : 'It is not renewed.'}{' '}
      <Anchor component={Link} href={caseHref(id)} size="sm" underline="always">
        Change it
      </Anchor>
    </Text>
  );
}

function Choice({ creator, tiers }: { creator: Stream['creator']; tiers: readonly Tier[] }) {
  const { tandem } = useSignedIn().session;
  const paid = usePaid();
  const buy = useOneAtATime({
    mutationFn: ({ tier, key }: { tier: string; key: string }) =>
      tandem.subscriptions.create({ creator_id: creator.id, tier, payment: 'tokens' }, { idempotencyKey: key }),
    onSettled: paid,
  });
  return (
    <>
      {tiers.map(({ code, name, price, perks }) => (
        <Group key={code} justify="space-between" gap="xs" wrap="nowrap" mb={4} data-tier={code}>
          <Text size="sm">
            <strong>{name}</strong>
            {perks.length > 0 && `: ${perks.join(', ')}`}
          </Text>
          <Button
            size="xs"
            flex="none"
            loading={buy.isPending && buy.variables.tier === code}
            onClick={() => buy.mutate({ tier: code, key: newIdempotencyKey() })}
          >
            Pay {price} TOKEN a month
          </Button>
        </Group>
      ))}
      <Text size="xs" c="dimmed" mt={4}>
        From your wallet, now and on this day of each month, until you say otherwise. A week before you are told.
      </Text>
      <Failure error={buy.error} onRetry={buy.again} />
    </>
  );
}
