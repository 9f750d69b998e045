import { Anchor, Button, Card, Group, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { type Body, newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { fillIn } from '../client/fillIn.ts';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { type Kind, marketKey } from './queries.ts';

type Policy = NonNullable<Body<'bids.create'>['policy']>;

/** How long the two sides have for each step: the usual days, or little enough to watch a deadline pass. */
const PACES: { name: string; label: string; policy: Policy | null }[] = [
  { name: 'usual', label: 'Usual: hours to days for each step', policy: null },
  { name: 'minutes', label: 'Short: five minutes for each step', policy: each('PT5M') },
  { name: 'seconds', label: 'To watch them pass: half a minute', policy: each('PT30S') },
];

function each(duration: string): Policy {
  return {
    answer_within: duration,
    pay_within: duration,
    start_within: duration,
    deliver_within: duration,
    grace: duration,
    approve_within: duration,
    dispute_within: duration,
  };
}

const EXAMPLES: Record<Kind, { title: string; description: string; price: string }> = {
  campaign: {
    title: 'Monsoon collection',
    description: 'Three reels about our raincoats, filmed outdoors.\nTo be posted in the first week of June.',
    price: '20,000',
  },
  bid: {
    title: 'Travel reels from the hills',
    description: 'I film short travel stories. One reel and two stories, delivered within a week.',
    price: '5,000',
  },
};

type Filled = { title: string; description: string; price: string; policy: Policy | null; key: string };

/** Posts a campaign or a bid. */
export function Post({ kind, onDone }: { kind: Kind; onDone: () => void }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);

  const post = useOneAtATime({
    mutationFn: send,
    onSuccess: () => {
      // The other side's market has it too.
      void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === 'market' });
      void queries.invalidateQueries({ queryKey: marketKey(session.user.id, kind) });
      onDone();
    },
  });

  async function send({ title, description, price, policy, key }: Filled): Promise<void> {
    const { campaigns, bids } = session.tandem;
    const common = { title, description, ...(policy ? { policy } : {}) };
    const options = { idempotencyKey: key };
    if (kind === 'campaign') await campaigns.create({ ...common, budget: price }, options);
    else await bids.create({ ...common, starting_price: price }, options);
  }

  const fillExample = () => fillIn(form.current, EXAMPLES[kind]);

  const problem = (field: string) => (post.error ? refusalOf(post.error).problemOf(field) : null);
  return (
    <Card withBorder padding="sm">
      <form
        ref={form}
        aria-label={`Post a ${kind}`}
        onSubmit={(event) => {
          event.preventDefault();
          const filled = new FormData(event.currentTarget);
          post.mutate({
            title: String(filled.get('title')),
            description: String(filled.get('description')),
            price: String(filled.get('price')),
            policy: PACES.find(({ name }) => name === filled.get('pace'))?.policy ?? null,
            key: newIdempotencyKey(),
          });
        }}
      >
        <Stack gap="xs">
          <Group justify="end">
            <Anchor component="button" type="button" size="xs" onClick={fillExample}>
              Fill in an example
            </Anchor>
          </Group>
          <Fields kind={kind} problem={problem} />
          <Failure error={post.error} onRetry={post.again} />
          <Group gap="xs">
            <Button type="submit" size="xs" loading={post.isPending}>
              Post the {kind}
            </Button>
            <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
              Not now
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

type FieldsProps = { kind: Kind; problem: (field: string) => string | null };

function Fields({ kind, problem }: FieldsProps) {
  return (
    <>
      <TextInput name="title" label="Title" required maxLength={200} error={problem('title')} />
      <Textarea
        name="description"
        label="Description"
        required
        rows={3}
        maxLength={5_000}
        error={problem('description')}
      />
      <TextInput
        name="price"
        label={kind === 'campaign' ? 'Budget, in rupees' : 'Price from, in rupees'}
        required
        inputMode="decimal"
        autoComplete="off"
        error={problem(kind === 'campaign' ? 'budget' : 'starting_price')}
      />
      <NativeSelect
        name="pace"
        label="Deadlines"
        data={PACES.map(({ name, label }) => ({ value: name, label }))}
        error={problem('policy')}
      />
    </>
  );
}
