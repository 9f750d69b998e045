import { Button, Group, NativeSelect, Textarea, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import type { Stream } from './queries.ts';
import { pollKey } from './together.ts';
import { secondsWords } from './words.ts';

const LASTS = [30, 60, 300, 600];

/** A poll in a stream of one's own: one at a time, while it is on air. */
export function AskCrowd({ stream: { id, status } }: { stream: Stream }) {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  const ask = useOneAtATime({
    mutationFn: ({ key, ...poll }: { question: string; options: string[]; duration_seconds: number; key: string }) =>
      tandem.polls.open(id, poll, { idempotencyKey: key }),
    onSuccess: () => queries.invalidateQueries({ queryKey: pollKey(user.id, id) }),
  });
  if (status !== 'live') return null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const lines = String(form.get('options')).split('\n');
    ask.mutate({
      question: String(form.get('question')),
      options: lines.map((line) => line.trim()).filter(Boolean),
      duration_seconds: Number(form.get('seconds')),
      key: newIdempotencyKey(),
    });
  };
  return (
    <form onSubmit={submit} aria-label="Ask the crowd">
      <Title order={3} fz="sm">
        Ask the crowd
      </Title>
      <TextInput name="question" label="What" size="xs" required maxLength={150} />
      <Textarea name="options" label="To choose from, one a line" size="xs" autosize minRows={2} maxRows={8} required />
      <Group gap="xs" align="end" mt={4}>
        <NativeSelect
          name="seconds"
          label="For how long"
          size="xs"
          defaultValue="60"
          data={LASTS.map((seconds) => ({ value: String(seconds), label: secondsWords(seconds) }))}
        />
        <Button type="submit" size="xs" variant="default" loading={ask.isPending}>
          Begin the poll
        </Button>
      </Group>
      <Failure error={ask.error} onRetry={ask.again} />
    </form>
  );
}
