import { Anchor, Button, Group, NativeSelect, Progress, Text, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Link } from 'wouter';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { formatAmount } from '../money/amounts.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { balancesQuery, keys } from '../talk/queries.ts';
import { GiftMark } from './GiftMark.tsx';
import classes from './Gifts.module.css';
import { giftsQuery, type Stream, xpKey, xpQuery } from './queries.ts';

const MANY = ['1', '3', '10', '50'];

/** What may be given: choose one, see what it costs, give it. */
export function Gifts({ stream }: { stream: Stream }) {
  const { session } = useSignedIn();
  const { tandem, user } = session;
  const queries = useQueryClient();
  const gifts = useQuery(giftsQuery(session));
  const tokens = useQuery(balancesQuery(session)).data?.find(({ asset }) => asset === 'TOKEN')?.available ?? '0';
  const [code, setCode] = useState<string | null>(null);
  const [quantity, setQuantity] = useState('1');
  const chosen = gifts.data?.find((gift) => gift.code === code) ?? null;
  const give = useOneAtATime({
    mutationFn: ({ key, message, ...gift }: { code: string; quantity: number; message: string; key: string }) =>
      tandem.streams.give(stream.id, { ...gift, ...(message ? { message } : {}) }, { idempotencyKey: key }),
    onSuccess: () => {
      for (const queryKey of [keys.balances(user.id), xpKey(user.id)]) void queries.invalidateQueries({ queryKey });
    },
  });
  const open = stream.status === 'live';
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!chosen) return;
    const message = String(new FormData(event.currentTarget).get('message')).trim();
    give.mutate({ code: chosen.code, quantity: Number(quantity), message, key: newIdempotencyKey() });
    event.currentTarget.reset();
  };
  return (
    <section aria-label="Gifts">
      <Group justify="space-between" mb={6}>
        <Title order={3} fz="sm">
          Give something
        </Title>
        <Text size="sm" c="dimmed">
          You have <span data-tokens={tokens}>{formatAmount(tokens, 'TOKEN')}</span>.{' '}
          <Anchor component={Link} href="/app/money" size="sm" underline="always">
            Get more
          </Anchor>
        </Text>
      </Group>
      <ReadFailure error={gifts.error} onRetry={() => void gifts.refetch()} />
      <ul className={classes.shelf}>
        {gifts.data?.map((gift) => (
          <li key={gift.code}>
            <button
              type="button"
              className={classes.gift}
              aria-pressed={gift.code === code}
              disabled={!open}
              onClick={() => setCode(gift.code === code ? null : gift.code)}
            >
              <GiftMark animation={gift.animationKey} />
              <span className={classes.name}>{gift.name}</span>
              <span>{formatAmount(String(gift.tokenCost), 'TOKEN')}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen && open && (
        <form onSubmit={submit} aria-label={`Give ${chosen.name}`}>
          <Group gap="xs" mt="xs" align="end">
            <NativeSelect
              label="How many"
              size="xs"
              w={80}
              value={quantity}
              onChange={({ currentTarget }) => setQuantity(currentTarget.value)}
              data={MANY}
            />
            <TextInput name="message" label="With words (optional)" size="xs" maxLength={200} flex="1 1 9rem" />
            <Button type="submit" size="xs" loading={give.isPending}>
              Give it for {formatAmount(String(chosen.tokenCost * Number(quantity)), 'TOKEN')}
            </Button>
          </Group>
        </form>
      )}
      <Failure error={give.error} onRetry={give.again} />
      <Level />
    </section>
  );
}

/** How far one has come by giving and taking part. */
function Level() {
  const { session } = useSignedIn();
  const { data } = useQuery(xpQuery(session));
  if (!data) return null;
  const { xp, level, next_level_at, badges } = data;
  return (
    <div data-level={level}>
      <Text size="xs" c="dimmed" mt="xs">
        Level {level}: {xp.toLocaleString('en-IN')} of {next_level_at.toLocaleString('en-IN')} experience for the next
        {badges.length > 0 && `. ${badges.map(({ name }) => name).join(', ')}`}
      </Text>
      <Progress
        size="xs"
        mt={2}
        value={Math.min(100, (100 * xp) / Math.max(1, next_level_at))}
        aria-label="To the next level"
      />
    </div>
  );
}
