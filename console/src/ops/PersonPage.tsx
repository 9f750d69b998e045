import { Anchor, Button, Group, Loader, Stack, Text, Textarea, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey, type Tandem } from 'tandem-client';
import { Link, useParams } from 'wouter';
import { CaseList } from '../case/CaseList.tsx';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useTitle } from '../door/useTitle.ts';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { Blocked } from './People.tsx';
import { type Person, peopleKey, personQuery } from './people.ts';

/** Somebody: what they have under way, their accounts, what staff wrote down, and what staff may do. */
export default function PersonPage() {
  const { id = '' } = useParams();
  const { session } = useSignedIn();
  const { data, error, isPending, refetch } = useQuery(personQuery(session, id));
  if (data) return <Opened person={data} />;
  if (isPending) return <Loader m="auto" aria-label="Reading the person" />;
  return <ReadFailure error={error} onRetry={() => void refetch()} />;
}

function Opened({ person }: { person: Person }) {
  const { session } = useSignedIn();
  const { id, handle, display_name, roles, created_at, sessions, barred } = person;
  useTitle(`@${handle}`);
  return (
    <Stack gap="md">
      <div>
        <Group gap="xs">
          <Title order={2} fz="xl">
            @{handle}
          </Title>
          <Blocked person={person} />
        </Group>
        <Text size="sm" c="dimmed">
          {display_name && `${display_name}, `}
          {roles.map(words).join(', ')}, since {new Date(created_at).toLocaleDateString()}, {sessions}{' '}
          {sessions === 1 ? 'session' : 'sessions'} open
        </Text>
        {barred && (
          <Text size="sm">
            Blocked by {barred.by} on {new Date(barred.at).toLocaleString()}: {barred.reason}
          </Text>
        )}
        <Anchor component={Link} size="sm" href={`/ops/money?part=accounts&q=wallet/${id}`}>
          Their wallet
        </Anchor>
      </div>
      <Doings person={person} />
      <section aria-label="Notes">
        <Title order={3} fz="md" mb="xs">
          Notes
        </Title>
        {person.notes.length === 0 && (
          <Text size="sm" c="dimmed">
            Nothing was written down yet.
          </Text>
        )}
        <Stack gap="xs">
          {person.notes.map(({ id: note, author, text, written_at }) => (
            <article key={note} aria-label={`Note by ${author}`}>
              <Text size="sm" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
                {text}
              </Text>
              <Text size="xs" c="dimmed">
                {author}, {new Date(written_at).toLocaleString()}
              </Text>
            </article>
          ))}
        </Stack>
      </section>
      <section aria-label="Cases">
        <Title order={3} fz="md" mb="xs">
          Cases
        </Title>
        <CaseList session={session} asked={{ view: '', kind: '', q: id }} nothing="They take part in nothing." />
      </section>
    </Stack>
  );
}

type Doing = 'note' | 'block' | 'unblock' | 'sign-out';
type Done = { doing: Doing; text: string; key: string };

function send({ people }: Tandem, id: string, { doing, text, key }: Done): Promise<Person> {
  const options = { idempotencyKey: key };
  if (doing === 'note') return people.addNote(id, { text }, options);
  const reason = { reason: text };
  if (doing === 'block') return people.bar(id, reason, options);
  return doing === 'unblock' ? people.unbar(id, reason, options) : people.signOut(id, reason, options);
}

/** One text and what is done with it: a note, or the reason for what is done, which is noted as well. */
function Doings({ person }: { person: Person }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const act = useOneAtATime({
    mutationFn: (done: Done) => send(session.tandem, person.id, done),
    onSuccess: (data) => queries.setQueryData<Person>(personQuery(session, person.id).queryKey, data),
    onSettled: () => queries.invalidateQueries({ queryKey: peopleKey(session.user.id) }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const doing = ((event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null)?.value as Doing;
    act.mutate({ doing, text: String(new FormData(form).get('text')), key: newIdempotencyKey() });
    form.reset();
  };
  const buttons: { doing: Doing; label: string; color?: string }[] = [
    { doing: 'note', label: 'Write it down' },
    { doing: 'sign-out', label: 'Sign out everywhere' },
    person.barred ? { doing: 'unblock', label: 'Let in again' } : { doing: 'block', label: 'Block', color: 'red' },
  ];
  return (
    <form onSubmit={submit} aria-label="What staff does">
      <Textarea name="text" label="A note, or why" required maxLength={500} rows={2} mb="xs" />
      <Group gap="xs">
        {buttons.map(({ doing, label, color }) => (
          <Button
            key={doing}
            type="submit"
            size="xs"
            value={doing}
            name="doing"
            variant={color ? 'light' : 'default'}
            {...(color ? { color } : {})}
            loading={act.isPending && act.variables.doing === doing}
            disabled={act.isPending}
          >
            {label}
          </Button>
        ))}
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        Whoever is blocked is signed out everywhere; what they have under way goes on.
      </Text>
      <Failure error={act.error} onRetry={act.again} />
    </form>
  );
}
