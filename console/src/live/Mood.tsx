import { Button, Group, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Failure } from '../client/Failure.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import { Face } from './Face.tsx';
import type { State } from './queries.ts';

const MOODS = ['love', 'happy', 'laugh', 'wow', 'hype', 'calm', 'sad', 'angry'] as const;

/** How those feel who watch, in the last ten seconds; and to feel with them. */
export function Mood({ id, mood, open }: { id: string; mood: State['mood']; open: boolean }) {
  const { tandem } = useSignedIn().session;
  // Of this moment: one that is lost is not made up for.
  const react = useMutation({
    mutationFn: (feeling: (typeof MOODS)[number]) => tandem.send('mood:react', { streamId: id, mood: feeling }),
  });
  return (
    <section aria-label="The mood">
      <Group gap="xs" mb={4}>
        <Title order={3} fz="sm">
          The mood
        </Title>
        <Text size="sm" c="dimmed" data-mood={mood.mood ?? ''}>
          {mood.mood === null
            ? 'Nobody has reacted just now.'
            : `${mood.mood}, of ${mood.total} ${mood.total === 1 ? 'reaction' : 'reactions'}`}
        </Text>
      </Group>
      <Group gap={4}>
        {MOODS.map((each) => (
          <Button
            key={each}
            size="compact-sm"
            variant={mood.mood === each ? 'light' : 'default'}
            disabled={!open}
            leftSection={<Face mood={each} />}
            onClick={() => react.mutate(each)}
          >
            {each}
            {(mood.counts[each] ?? 0) > 0 && ` ${mood.counts[each]}`}
          </Button>
        ))}
      </Group>
      <Failure error={react.error} />
    </section>
  );
}
