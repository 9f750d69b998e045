import { Alert, Button, Group, Loader, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { CaseList } from '../case/CaseList.tsx';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { pauseKey, pauseQuery } from './books.ts';

/** Money that leaves: whether it may just now, and every payout. */
export function Payouts() {
  const { session } = useSignedIn();
  return (
    <Stack gap="md">
      <Title order={2} fz="lg">
        Payouts
      </Title>
      <Pause />
      <CaseList session={session} asked={{ view: '', kind: 'payout', q: '' }} nothing="Nobody was paid out yet." />
    </Stack>
  );
}

/** All of them are stopped, with a reason, and go on again: what waits meanwhile is lost to nobody. */
function Pause() {
  const { session } = useSignedIn();
  const { tandem, user } = session;
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(pauseQuery(session));
  const change = useOneAtATime({
    mutationFn: ({ reason, key }: { reason: string | null; key: string }) =>
      reason === null
        ? tandem.payouts.resume(undefined, { idempotencyKey: key })
        : tandem.payouts.pause({ reason }, { idempotencyKey: key }),
    onSuccess: (changed) => queries.setQueryData(pauseQuery(session).queryKey, changed),
    onSettled: () => queries.invalidateQueries({ queryKey: pauseKey(user.id) }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = data?.paused ? null : String(new FormData(event.currentTarget).get('reason'));
    change.mutate({ reason, key: newIdempotencyKey() });
  };
  if (!data) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader size="sm" aria-label="Reading whether payouts leave" />
    );
  }
  const { paused, since, reason } = data;
  return (
    <Alert color={paused ? 'orange' : 'teal'} variant="light" role="group" p="xs" data-paused={paused}>
      <form onSubmit={submit} aria-label="Whether payouts leave">
        <Stack gap="xs">
          <Text size="sm" role="status">
            {paused
              ? `No payout leaves since ${new Date(since ?? '').toLocaleString()}: ${reason}`
              : 'Payouts leave as they fall due.'}
          </Text>
          <Group gap="xs" align="end">
            {!paused && <TextInput name="reason" label="Why" size="xs" flex="1 1 14rem" required maxLength={500} />}
            <Button type="submit" size="xs" variant="default" loading={change.isPending}>
              {paused ? 'Let them leave again' : 'Let none leave'}
            </Button>
          </Group>
          <Failure error={change.error} onRetry={change.again} />
        </Stack>
      </form>
    </Alert>
  );
}
