import { Button, Group, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { openCase } from '../door/where.ts';
import { words } from '../machine/words.ts';
import { openApi, type Session } from '../session/session.ts';

/** Which roles those at the table play, left and right: who pays sits left, who earns right. */
const SEATED: Readonly<Record<string, readonly [string | null, string?]>> = {
  battle: ['challenger', 'opponent'],
  boost: [null, 'booster'],
  challenge: ['viewer', 'creator'],
  chargeBack: ['payee'],
  deal: ['brand_owner', 'influencer'],
  payout: [null, 'payee'],
  poll: ['viewer', 'creator'],
  stream: ['viewer', 'creator'],
  // To a creator who is new: nobody has two with one.
  subscription: ['subscriber'],
  ticketEvent: [null, 'creator'],
  topUp: ['buyer'],
  trade: ['buyer', 'seller'],
};

/** Brings a new case to where one wants to see it, with those who sit at the table. */
export function Bring({ left, right }: { left: Session; right: Session }) {
  const scenarios = useQuery({
    queryKey: ['scenarios'],
    queryFn: () => openApi.scenarios.list(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const bring = useOneAtATime({
    mutationFn: async (name: string) => {
      const [one, other] = SEATED[name.split(':')[0] ?? ''] ?? [];
      const as = {
        ...(one && { [one]: await left.token() }),
        ...(other && { [other]: await right.token() }),
      };
      return openApi.scenarios.play(name, { as });
    },
    onSuccess: ({ process_id }) => openCase(process_id),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    bring.mutate(String(new FormData(event.currentTarget).get('scenario')));
  };
  return (
    <form onSubmit={submit} aria-label="Bring me a case">
      <Group gap="xs" align="end">
        <NativeSelect
          name="scenario"
          label="Bring me a case where"
          flex="1 1 12rem"
          data={(scenarios.data ?? []).map(({ name, summary }) => ({
            value: name,
            label: `${words(name.split(':')[0] ?? '')}: ${summary}`,
          }))}
        />
        <Button type="submit" variant="default" loading={bring.isPending} disabled={!scenarios.data}>
          Bring it
        </Button>
      </Group>
      <ReadFailure error={scenarios.error} />
      <Failure error={bring.error} onRetry={bring.again} />
    </form>
  );
}
