import { Button, Group, NativeSelect, Text, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId } from 'react';
import { type Body, newIdempotencyKey } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { COUNTED } from './Challenge.tsx';
import { type Stream, streamKey } from './queries.ts';
import { secondsWords } from './words.ts';

const LASTS = [60, 300, 600, 1_800].map((seconds) => ({ value: String(seconds), label: secondsWords(seconds) }));

/** What a creator on air dares: the crowd, and another creator. */
export function Dare({ stream }: { stream: Stream }) {
  if (stream.status !== 'live') return null;
  return (
    <>
      <DareCrowd id={stream.id} />
      <DareCreator id={stream.id} />
    </>
  );
}

type NewChallenge = Body<'streams.challenge'>;

function DareCrowd({ id }: { id: string }) {
  const { tandem, user } = useSignedIn().session;
  const queries = useQueryClient();
  const dare = useOneAtATime({
    mutationFn: ({ body, key }: { body: NewChallenge; key: string }) =>
      tandem.streams.challenge(id, body, { idempotencyKey: key }),
    onSuccess: () => queries.invalidateQueries({ queryKey: streamKey(user.id, id) }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const reward = String(form.get('reward')).trim();
    const body: NewChallenge = {
      type: form.get('type') as NewChallenge['type'],
      target: Number(form.get('target')),
      duration_seconds: Number(form.get('seconds')),
      ...(reward ? { reward } : {}),
    };
    dare.mutate({ body, key: newIdempotencyKey() });
  };
  return (
    <form onSubmit={submit} aria-label="Challenge the crowd">
      <Title order={3} fz="sm">
        Challenge the crowd
      </Title>
      <Group gap="xs" align="end" mt={4}>
        <TextInput name="target" label="To come to" size="xs" w={90} defaultValue="100" inputMode="numeric" required />
        <NativeSelect
          name="type"
          label="Of what"
          size="xs"
          data={Object.entries(COUNTED).map(([value, label]) => ({ value, label }))}
        />
        <NativeSelect name="seconds" label="Within" size="xs" data={LASTS} />
        <TextInput name="reward" label="For (optional)" size="xs" flex="1 1 8rem" maxLength={200} />
        <Button type="submit" size="xs" variant="default" loading={dare.isPending}>
          Challenge them
        </Button>
      </Group>
      <Failure error={dare.error} onRetry={dare.again} />
    </form>
  );
}

/** Whoever is asked finds it in their work, and has a minute to answer. */
function DareCreator({ id }: { id: string }) {
  const { tandem, user } = useSignedIn().session;
  const known = useId();
  // Whoever has streamed lately: of them one knows the handles.
  const creators = useQuery({
    queryKey: [user.id, 'live', 'creators'],
    queryFn: async () => (await tandem.streams.list({ limit: 50 })).data.map(({ creator }) => creator),
  });
  const others = [...new Map((creators.data ?? []).map((creator) => [creator.id, creator])).values()].filter(
    (creator) => creator.id !== user.id,
  );
  const dare = useOneAtATime({
    mutationFn: ({ body, key }: { body: Body<'battles.create'>; key: string }) =>
      tandem.battles.create(body, { idempotencyKey: key }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const handle = String(form.get('opponent')).trim();
    const stake = String(form.get('stake')).trim();
    const body = {
      // What is no handle known here may be an id; if not, the API says so.
      opponent_id: others.find((creator) => creator.handle === handle)?.id ?? handle,
      stream_id: id,
      duration_seconds: Number(form.get('seconds')),
      ...(stake && stake !== '0' ? { stake: { asset: 'TOKEN' as const, amount: stake } } : {}),
    };
    dare.mutate({ body, key: newIdempotencyKey() });
  };
  return (
    <form onSubmit={submit} aria-label="Challenge a creator">
      <Title order={3} fz="sm">
        A battle
      </Title>
      <Group gap="xs" align="end" mt={4}>
        <TextInput name="opponent" label="Against" size="xs" flex="1 1 8rem" list={known} required />
        <datalist id={known}>
          {others.map((creator) => (
            <option key={creator.id} value={creator.handle} />
          ))}
        </datalist>
        <NativeSelect name="seconds" label="For" size="xs" data={LASTS} defaultValue="300" />
        <TextInput name="stake" label="TOKEN each" size="xs" w={90} defaultValue="0" inputMode="numeric" />
        <Button type="submit" size="xs" variant="default" loading={dare.isPending}>
          Challenge them
        </Button>
      </Group>
      {dare.isSuccess && (
        <Text size="xs" role="status">
          {dare.data.battle.opponent.handle} has it among their work, and has to answer soon.
        </Text>
      )}
      <Failure error={dare.error} onRetry={dare.again} />
    </form>
  );
}
