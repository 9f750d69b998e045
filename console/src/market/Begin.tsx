import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { dataOf } from '../client/answer.ts';
import { Failure } from '../client/Failure.tsx';
import { newIdempotencyKey } from '../client/idempotencyKey.ts';
import { refusalOf } from '../client/refusal.ts';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { openDeal } from '../deal/openDeal.ts';
import { keys } from '../deal/queries.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import type { Offer } from './queries.ts';

type Filled = { message: string; proposed_amount: string; key: string };

/** Applies to a campaign or connects to a bid, and goes on to the deal. */
export function Begin({ offer, verb, onCancel }: { offer: Offer; verb: string; onCancel: () => void }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('textarea')?.focus(), []);

  const begin = useOneAtATime({
    mutationFn: ({ key, ...filled }: Filled) => send(filled, key),
    onSuccess: ({ conversation }) => {
      void queries.invalidateQueries({ queryKey: keys.conversations(session.user.id) });
      openDeal(conversation.id);
    },
  });

  function send({ message, proposed_amount }: Omit<Filled, 'key'>, key: string) {
    const params = { path: { id: offer.id }, header: { 'idempotency-key': key } };
    if (offer.kind === 'campaign') {
      return dataOf(session.api.POST('/api/campaigns/{id}/apply', { params, body: { message, proposed_amount } }));
    }
    // A connection may go without words.
    const body = { proposed_amount, ...(message.trim() ? { message } : {}) };
    return dataOf(session.api.POST('/api/bids/{id}/connect', { params, body }));
  }

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
