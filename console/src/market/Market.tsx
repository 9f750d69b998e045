import { Badge, Button, Card, Group, Loader, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ReadFailure } from '../client/Failure.tsx';
import { openCase } from '../door/where.ts';
import { formatAmount } from '../money/amounts.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { useOpenDealAbout } from '../talk/useOpenDealAbout.ts';
import { Begin } from './Begin.tsx';
import { Post } from './Post.tsx';
import { type Kind, marketQuery, type Offer } from './queries.ts';

/** What each role posts; what the other begins a deal with. */
const POSTS: Record<Kind, 'brand_owner' | 'influencer'> = { campaign: 'brand_owner', bid: 'influencer' };

/** Campaigns and bids: to look through, to answer, and to post. */
export function Market() {
  const { session } = useSignedIn();
  const { roles } = session.user;
  const own: Kind = roles.includes('brand_owner') ? 'campaign' : 'bid';
  const [kind, setKind] = useState<Kind>(own);
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isFetchNextPageError } =
    useInfiniteQuery(marketQuery(session, kind));
  const offers = data?.pages.flatMap((page) => page.offers) ?? [];
  const [posting, setPosting] = useState(false);
  const mayPost = roles.includes(POSTS[kind]);

  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          size="xs"
          aria-label="What to look through"
          value={kind}
          onChange={(value) => {
            setKind(value as Kind);
            setPosting(false);
          }}
          data={[
            { value: 'campaign', label: 'Campaigns' },
            { value: 'bid', label: 'Bids' },
          ]}
        />
        {mayPost && !posting && (
          <Button size="xs" onClick={() => setPosting(true)}>
            Post a {kind}
          </Button>
        )}
      </Group>
      {posting && <Post kind={kind} onDone={() => setPosting(false)} />}
      {isPending && <Loader mx="auto" aria-label="Reading the market" />}
      <ReadFailure error={error} onRetry={() => void (isFetchNextPageError ? fetchNextPage() : refetch())} />
      {!isPending && !error && offers.length === 0 && (
        <Text c="dimmed" size="sm" ta="center" py="lg">
          {kind === 'campaign' ? 'No campaigns yet. Brand owners post them.' : 'No bids yet. Influencers post them.'}
        </Text>
      )}
      {offers.map((offer) => (
        <OfferCard key={offer.id} offer={offer} />
      ))}
      {hasNextPage && (
        <Button variant="default" size="xs" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          More
        </Button>
      )}
    </Stack>
  );
}

function OfferCard({ offer }: { offer: Offer }) {
  const { session } = useSignedIn();
  const [beginning, setBeginning] = useState(false);
  const own = offer.postedBy === session.user.id;
  const mayBegin = !own && session.user.roles.includes(offer.kind === 'campaign' ? 'influencer' : 'brand_owner');
  const begun = useOpenDealAbout(session, offer.id);
  const verb = offer.kind === 'campaign' ? 'Apply' : 'Connect';
  return (
    <Card withBorder padding="sm" component="article" aria-label={offer.title} data-offer={offer.id}>
      <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
        <Title order={3} fz="sm" miw={0} style={{ overflowWrap: 'anywhere' }}>
          {offer.title}
        </Title>
        <Text fw={600} size="sm" style={{ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>
          {formatAmount(offer.price, 'INR')}
        </Text>
      </Group>
      <Text size="sm" c="dimmed" lineClamp={3} style={{ whiteSpace: 'pre-line' }}>
        {offer.description}
      </Text>
      <Group justify="space-between" mt={6}>
        <Text size="xs" c="dimmed">
          {offer.kind === 'campaign' ? 'Budget' : 'From'}, posted {new Date(offer.postedAt).toLocaleString()}
        </Text>
        {own && (
          <Badge variant="light" color="gray" size="sm">
            Yours
          </Badge>
        )}
        {mayBegin && begun && !beginning && (
          <Button size="xs" variant="default" onClick={() => openCase(begun)}>
            {offer.kind === 'campaign' ? 'Applied, open the deal' : 'Connected, open the deal'}
          </Button>
        )}
        {mayBegin && !begun && !beginning && (
          <Button size="xs" variant="light" onClick={() => setBeginning(true)}>
            {verb}
          </Button>
        )}
      </Group>
      {beginning && <Begin offer={offer} verb={verb} onCancel={() => setBeginning(false)} />}
    </Card>
  );
}
