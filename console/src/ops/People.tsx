import { Badge, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import classes from '../case/CaseList.module.css';
import { FoundList } from '../door/FoundList.tsx';
import { Search } from '../door/Search.tsx';
import { useTitle } from '../door/useTitle.ts';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { type ListedPerson, peopleQuery } from './people.ts';

/** Everybody, to be found by handle or id. */
export default function People() {
  useTitle('People');
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const q = params.get('q') ?? '';
  const read = useInfiniteQuery(peopleQuery(session, q));
  return (
    <Stack gap="sm">
      <Group>
        <Search
          q={q}
          placeholder="Handle or id"
          onSearch={(next) => setParams(next ? { q: next } : {}, { replace: true })}
        />
      </Group>
      <FoundList read={read} what="the people" nothing="Nobody is called so.">
        {(found) => (
          <ul className={classes.list}>
            {found.map((person) => (
              <li key={person.id}>
                <PersonRow person={person} />
              </li>
            ))}
          </ul>
        )}
      </FoundList>
    </Stack>
  );
}

export function PersonRow({ person }: { person: ListedPerson }) {
  const { id, handle, display_name, roles, created_at, sessions } = person;
  return (
    <Link href={`/ops/people/${id}`} className={classes.row} data-person={handle}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} size="sm" truncate>
          {display_name ? `${display_name} (@${handle})` : `@${handle}`}
        </Text>
        <Blocked person={person} />
      </Group>
      <Text size="xs" c="dimmed">
        {roles.map(words).join(', ') || 'No role'}, since {new Date(created_at).toLocaleDateString()},{' '}
        {sessions === 0 ? 'not signed in' : sessions === 1 ? 'signed in once' : `signed in ${sessions} times`}
      </Text>
    </Link>
  );
}

export function Blocked({ person: { barred } }: { person: Pick<ListedPerson, 'barred'> }) {
  return barred ? (
    <Badge color="red" variant="light" size="sm" flex="none">
      Blocked
    </Badge>
  ) : null;
}
