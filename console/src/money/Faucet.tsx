import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { keys } from '../talk/queries.ts';
import { statementKey } from './queries.ts';

/** Money to try things with. */
export function Faucet() {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const pour = useOneAtATime({
    mutationFn: ({ asset, amount, key }: { asset: string; amount: string; key: string }) =>
      session.tandem.faucet.pour({ asset: asset as 'INR', amount }, { idempotencyKey: key }),
    onSuccess: () => {
      for (const queryKey of [keys.balances(session.user.id), statementKey(session.user.id)])
        void queries.invalidateQueries({ queryKey });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    pour.mutate({ asset: String(form.get('asset')), amount: String(form.get('amount')), key: newIdempotencyKey() });
  };
  return (
    <form onSubmit={submit} aria-label="The sandbox’s faucet">
      <Group gap="xs" align="end">
        <TextInput
          name="amount"
          label="Money to try things with"
          defaultValue="1000"
          inputMode="decimal"
          required
          w={220}
          error={pour.error ? refusalOf(pour.error).problemOf('amount') : null}
        />
        <NativeSelect
          name="asset"
          aria-label="Of which asset"
          data={['INR', 'USD', 'CREDIT', 'TOKEN', 'LYK', 'USDT', 'BTC', 'ETH']}
        />
        <Button type="submit" variant="default" loading={pour.isPending}>
          Pour
        </Button>
      </Group>
      <Failure error={pour.error} onRetry={pour.again} />
    </form>
  );
}
