import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { openCase } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { keys } from '../talk/queries.ts';
import type { Offer } from './queries.ts';

const NAMES = { message: 'the message', proposed_amount: 'the amount' } as const;

type ExistingProps = { conversation: { id: string }; not_used: (keyof typeof NAMES)[]; onCancel: () => void };

/** There was a deal about this already, from another window or another day. */
function Existing({ conversation, not_used, onCancel }: ExistingProps) {
  return (
    <Alert color="yellow" variant="light" role="alert" p="xs" mt="xs">
      <Text size="sm">
        You have a deal about this already, and it goes on as it is. Not sent:{' '}
        {not_used.map((name) => NAMES[name]).join(' and ')} you have just written.
      </Text>
      <Group gap="xs" mt="xs">
        <Button size="xs" onClick={() => openCase(conversation.id)}>
          Open the deal
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onCancel}>
          Close
        </Button>
      </Group>
    </Alert>
  );
}

type Filled = { message: string; proposed_amount: string; key: string };

/** Applies to a campaign or connects to a bid, and goes on to the deal. */
export function Begin({ offer, verb, onCancel }: { offer: Offer; verb: string; onCancel: () => void }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('textarea')?.focus(), []);

  const begin = useOneAtATime({
    mutationFn: ({ key, ...filled }: Filled) => send(filled, key),
    onSuccess: ({ conversation, existing }) => {
      void queries.invalidateQueries({ queryKey: keys.conversations(session.user.id) });
      // What was typed had no effect, which has to be read before it is gone.
      if (!existing) openCase(conversation.id);
    },
  });

  function send({ message, proposed_amount }: Omit<Filled, 'key'>, key: string) {
    const { campaigns, bids } = session.tandem;
    const options = { idempotencyKey: key };
    if (offer.kind === 'campaign') return campaigns.apply(offer.id, { message, proposed_amount }, options);
    // A connection may go without words.
    return bids.connect(offer.id, { proposed_amount, ...(message.trim() ? { message } : {}) }, options);
  }

  if (begin.data?.existing) return <Existing {...begin.data} onCancel={onCancel} />;
  const problem = (field: string) => (begin.error ? refusalOf(begin.error).problemOf(field) : null);
  return (
    <form
      ref={form}
      aria-label={`${verb}: ${offer.title}`}
      onSubmit={(event) => {
        event.preventDefault();
        const filled = new FormData(event.currentTarget);
        begin.mutate({
          message: String(filled.get('message')),
          proposed_amount: String(filled.get('proposed_amount')),
          key: newIdempotencyKey(),
        });
      }}
    >
      <Stack gap="xs" mt="xs">
        <Textarea
          name="message"
          label="Message"
          required={offer.kind === 'campaign'}
          autosize
          minRows={2}
          maxLength={5_000}
          error={problem('message')}
        />
        <TextInput
          name="proposed_amount"
          label={offer.kind === 'campaign' ? 'What you ask for, in rupees' : 'What you offer, in rupees'}
          required
          inputMode="decimal"
          autoComplete="off"
          defaultValue={offer.kind === 'bid' ? offer.price : ''}
          error={problem('proposed_amount')}
        />
        <Failure error={begin.error} onRetry={begin.again} />
        <Group gap="xs">
          <Button type="submit" size="xs" loading={begin.isPending}>
            {verb}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={onCancel}>
            Not now
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
