import { Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import classes from '../case/CaseList.module.css';
import { CaseList } from '../case/CaseList.tsx';
import { ReadFailure } from '../client/Failure.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { transfersQuery } from './books.ts';
import { PersonRow } from './People.tsx';
import { peopleQuery } from './people.ts';
import { Transfer } from './Transfers.tsx';

/** Whatever goes by an id, a handle, an order or a payment: cases, people, transfers. */
export default function Found() {
  const { session } = useSignedIn();
  const q = useSearchParams()[0].get('q') ?? '';
  useTitle(`Found: ${q}`);
  const people = useInfiniteQuery({ ...peopleQuery(session, q), enabled: q !== '' });
  const transfers = useInfiniteQuery({ ...transfersQuery(session, { account: '', q }), enabled: q !== '' });
  const persons = people.data?.pages.flatMap((page) => page.data) ?? [];
  const moved = transfers.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Stack gap="md">
      <Title order={2} fz="lg" style={{ overflowWrap: 'anywhere' }}>
        Found by “{q}”
      </Title>
      <Kind title="Cases">
        <CaseList session={session} asked={{ view: '', kind: '', q }} nothing="No case goes by that." />
      </Kind>
      <Kind title="People">
        <ReadFailure error={people.error} onRetry={() => void people.refetch()} />
        {people.data && persons.length === 0 && <Nothing text="Nobody goes by that." />}
        <ul className={classes.list}>
          {persons.map((person) => (
            <li key={person.id}>
              <PersonRow person={person} />
            </li>
          ))}
        </ul>
      </Kind>
      <Kind title="Transfers">
        <ReadFailure error={transfers.error} onRetry={() => void transfers.refetch()} />
        {transfers.data && moved.length === 0 && <Nothing text="No transfer goes by that." />}
        {moved.map((transfer) => (
          <Transfer key={transfer.id} transfer={transfer} order={4} />
        ))}
      </Kind>
    </Stack>
  );
}

function Kind({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={3} fz="md" mb="xs">
        {title}
      </Title>
      <Stack gap="xs">{children}</Stack>
    </section>
  );
}

function Nothing({ text }: { text: string }) {
  return (
    <Text c="dimmed" size="sm" ta="center" py="md">
      {text}
    </Text>
  );
}
