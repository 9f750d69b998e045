import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { newIdempotencyKey, refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useDemo } from '../session/demo.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { type NewDestination, payeeKey } from './payees.ts';

/** Papers first: who is paid has to be known. They are shown to the provider, and go on at its page. */
export function Papers({ waits }: { waits: string | null }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const sandbox = useSandbox();
  const show = useOneAtATime({
    mutationFn: ({ name, key }: { name: string; key: string }) =>
      session.tandem.payouts.startKyc(
        session.user.id,
        { kind: sandbox ? 'sandbox' : 'stripe', name, country: 'IN', return_url: window.location.href },
        { idempotencyKey: key },
      ),
    onSuccess: ({ kyc }) => {
      void queries.invalidateQueries({ queryKey: payeeKey(session.user.id) });
      if (kyc.url) window.open(kyc.url, '_blank', 'noopener');
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name'));
    show.mutate({ name, key: newIdempotencyKey() });
  };
  return (
    <form onSubmit={submit} aria-label="Show your papers">
      <Text size="sm" mb={4}>
        {waits ?? 'Before money is paid out to you, show the provider who you are.'}
      </Text>
      <Group gap="xs" align="end">
        <TextInput name="name" label="Your name, as your bank has it" required maxLength={200} />
        <Button type="submit" variant="default" loading={show.isPending}>
          Show your papers
        </Button>
      </Group>
      <Failure error={show.error} onRetry={show.again} />
    </form>
  );
}

type Kind = NewDestination['kind'];

const KINDS: Record<Kind, { label: string; fields: readonly (readonly [name: string, label: string])[] }> = {
  sandbox: { label: 'The sandbox’s bank', fields: [['account', 'Account']] },
  bank: {
    label: 'A bank account',
    fields: [
      ['holder', 'Whose it is'],
      ['account_number', 'Account number'],
      ['ifsc', 'IFSC'],
    ],
  },
  upi: {
    label: 'UPI',
    fields: [
      ['holder', 'Whose it is'],
      ['address', 'Address'],
    ],
  },
  stripe: { label: 'Stripe', fields: [['account', 'Account']] },
};

/** Where one is paid: the provider names whose it is. */
export function AddDestination({ onDone }: { onDone: () => void }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const sandbox = useSandbox();
  const [chosen, setKind] = useState<Kind | null>(null);
  const kind = chosen ?? (sandbox ? 'sandbox' : 'bank');
  const add = useOneAtATime({
    mutationFn: ({ body, key }: { body: NewDestination; key: string }) =>
      session.tandem.payouts.addDestination(session.user.id, body, { idempotencyKey: key }),
    // It is among those that are chosen from before one is, so that money goes where it was last said to go.
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: payeeKey(session.user.id) });
      onDone();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const filled = Object.fromEntries(KINDS[kind].fields.map(([name]) => [name, String(form.get(name)).trim()]));
    // Its fields are its kind's.
    add.mutate({ body: { kind, ...filled } as NewDestination, key: newIdempotencyKey() });
  };
  const kinds = (Object.keys(KINDS) as Kind[]).filter((each) => sandbox || each !== 'sandbox');
  return (
    <form onSubmit={submit} aria-label="Add where you are paid">
      <Stack gap="xs">
        <Group gap="xs" align="end">
          <NativeSelect
            label="Where you are paid"
            value={kind}
            onChange={({ currentTarget }) => setKind(currentTarget.value as Kind)}
            data={kinds.map((each) => ({ value: each, label: KINDS[each].label }))}
          />
          {KINDS[kind].fields.map(([name, label]) => (
            <TextInput
              key={`${kind} ${name}`}
              name={name}
              label={label}
              required
              autoComplete="off"
              defaultValue={kind === 'sandbox' ? 'ok' : ''}
              error={add.error ? refusalOf(add.error).problemOf(name) : null}
            />
          ))}
          <Button type="submit" variant="default" loading={add.isPending}>
            Add it
          </Button>
        </Group>
        <Failure error={add.error} onRetry={add.again} />
      </Stack>
    </form>
  );
}

function useSandbox(): boolean {
  return (useDemo().data?.accounts.length ?? 0) > 0;
}
