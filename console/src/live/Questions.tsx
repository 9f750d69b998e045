import { Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import type { Stream } from './queries.ts';
import { type Question, questionsKey, questionsQuery } from './together.ts';

/** What viewers ask, what most want answered first; its creator says what was answered. */
export function Questions({ stream }: { stream: Stream }) {
  const { session } = useSignedIn();
  const { tandem, user } = session;
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(questionsQuery(session, stream.id));
  const own = stream.creator.id === user.id;
  const readAnew = () => queries.invalidateQueries({ queryKey: questionsKey(user.id, stream.id) });
  const ask = useOneAtATime({
    mutationFn: ({ text, key }: { text: string; key: string }) =>
      tandem.questions.ask(stream.id, { text }, { idempotencyKey: key }),
    onSettled: readAnew,
  });
  const move = useOneAtATime({
    mutationFn: ({ id, by }: { id: string; by: 'upvote' | 'answer' | 'dismiss' }): Promise<unknown> =>
      tandem.questions[by](stream.id, id),
    onSettled: readAnew,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('question')).trim();
    event.currentTarget.reset();
    if (text) ask.mutate({ text, key: newIdempotencyKey() });
  };
  if (own && data?.length === 0) return null;
  return (
    <Card withBorder padding="sm" component="section" aria-label="Questions">
      <Title order={3} fz="sm" mb={4}>
        Questions
      </Title>
      <ReadFailure error={error} onRetry={() => void refetch()} />
      <Stack gap={4}>
        {data?.map((question) => (
          <Row key={question.id} question={question} own={own} onMove={move.mutate} />
        ))}
      </Stack>
      {!own && (
        <form onSubmit={submit} aria-label="Ask something">
          <Group gap="xs" mt="xs">
            <TextInput
              name="question"
              aria-label="Your question"
              placeholder="Ask the creator something"
              size="xs"
              flex={1}
              maxLength={300}
              autoComplete="off"
            />
            <Button type="submit" size="xs" variant="default" loading={ask.isPending}>
              Ask
            </Button>
          </Group>
        </form>
      )}
      <Failure error={ask.error} onRetry={ask.again} />
      <Failure error={move.error} onRetry={move.again} />
    </Card>
  );
}

type RowProps = {
  question: Question;
  own: boolean;
  onMove: (move: { id: string; by: 'upvote' | 'answer' | 'dismiss' }) => void;
};

function Row({ question: { id, user, text, upvotes, upvoted_by_me }, own, onMove }: RowProps) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs" data-question={id} data-upvotes={upvotes}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        <strong>{user.handle}</strong> {text}
      </Text>
      {own ? (
        <Group gap={4} wrap="nowrap">
          <Text size="xs" c="dimmed">
            {upvotes} {upvotes === 1 ? 'wants' : 'want'} it
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => onMove({ id, by: 'answer' })}>
            Answered
          </Button>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onMove({ id, by: 'dismiss' })}>
            Put aside
          </Button>
        </Group>
      ) : (
        <Button
          size="compact-xs"
          flex="none"
          variant={upvoted_by_me ? 'light' : 'default'}
          aria-pressed={upvoted_by_me}
          disabled={upvoted_by_me}
          onClick={() => onMove({ id, by: 'upvote' })}
        >
          I want that too: {upvotes}
        </Button>
      )}
    </Group>
  );
}
