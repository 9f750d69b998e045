import { Button, Group, Loader, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import type { Session } from '../session/session.ts';
import { noteKey, notesQuery } from './queries.ts';
import { noteSentence } from './sentences.ts';
import classes from './Tasks.module.css';

/** What was said about a task and done with it, read when it is opened: it stays, whatever is heard later. */
export function TaskNotes({ taskId, session }: { taskId: string; session: Session }) {
  const [open, setOpen] = useState(false);
  return (
    <details className={classes.notes} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Notes, and who did what</summary>
      {open && <Opened taskId={taskId} session={session} />}
    </details>
  );
}

function Opened({ taskId, session }: { taskId: string; session: Session }) {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(notesQuery(session, taskId));
  const form = useRef<HTMLFormElement>(null);
  const add = useOneAtATime({
    mutationFn: ({ text, key }: { text: string; key: string }) =>
      session.tandem.tasks.addNote(taskId, { text }, { idempotencyKey: key }),
    onSuccess: () => form.current?.reset(),
    onSettled: () => queries.invalidateQueries({ queryKey: noteKey(session.user.id, taskId) }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    add.mutate({ text: String(new FormData(event.currentTarget).get('text')), key: newIdempotencyKey() });
  };
  if (!data) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader size="sm" aria-label="Reading the notes" />
    );
  }
  return (
    <>
      {data.notes.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was said about it yet.
        </Text>
      )}
      <ol className={classes.transcript} aria-label="Notes">
        {data.notes.map((note) => (
          <li key={`${note.at} ${note.kind}`}>
            {noteSentence(note)}{' '}
            <time dateTime={note.at}>
              {whoOf(note.by_id, session)}, {new Date(note.at).toLocaleString()}
            </time>
          </li>
        ))}
      </ol>
      <form ref={form} onSubmit={submit} aria-label="Say something about it">
        <Group gap="xs" align="end" mt={6}>
          <TextInput name="text" label="A note" size="xs" flex="1 1 12rem" required maxLength={5_000} />
          <Button type="submit" size="xs" variant="default" loading={add.isPending}>
            Write it down
          </Button>
        </Group>
      </form>
      <Failure error={add.error} onRetry={add.again} />
    </>
  );
}

function whoOf(id: string | null, { user }: Session): string {
  if (id === null) return 'By itself';
  return id === user.id ? 'You' : 'Another administrator';
}
