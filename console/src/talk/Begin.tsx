import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import { Failure, ReadFailure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { correspondentsQuery, roomsKey } from './rooms.ts';

type Filled = { handles: string[]; name: string; message: string; key: string };

/** Writes to one, or makes a group of several. */
export function Begin({ onDone }: { onDone: (id: string) => void }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const known = useQuery(correspondentsQuery(session));
  const people = useId();
  const begin = useOneAtATime({
    mutationFn: send,
    onSuccess: (id) => {
      void queries.invalidateQueries({ queryKey: roomsKey(session.user.id) });
      onDone(id);
    },
  });

  async function send({ handles, name, message, key }: Filled): Promise<string> {
    const ids = handles.map((handle) => idOf(handle, known.data ?? []));
    const { conversations, rooms } = session.tandem;
    const options = { idempotencyKey: key };
    const [first] = ids;
    if (ids.length === 1 && first !== undefined && name === '') {
      const body = { target_user_id: first, initial_message: message };
      return (await conversations.connect(body, options)).conversation.id;
    }
    const body = { kind: 'group' as const, member_ids: ids, ...(name ? { name } : {}) };
    const { room } = await rooms.create(body, options);
    await rooms.send(room.id, { message }, { idempotencyKey: `${key}-said` });
    return room.id;
  }

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const handles = String(form.get('handles'))
      .split(/[\s,@]+/)
      .filter(Boolean);
    const [name, message] = [String(form.get('name')).trim(), String(form.get('message'))];
    begin.mutate({ handles, name, message, key: newIdempotencyKey() });
  };
  return (
    <form onSubmit={submit} aria-label="Write to somebody">
      <Stack gap="xs">
        <TextInput
          name="handles"
          label="To whom, by handle; several make a group"
          list={people}
          required
          autoComplete="off"
        />
        <datalist id={people}>
          {known.data?.map(({ id, handle }) => (
            <option key={id} value={handle} />
          ))}
        </datalist>
        <TextInput name="name" label="A name for the group (optional)" maxLength={100} autoComplete="off" />
        <Textarea name="message" label="Message" required maxLength={4_000} rows={2} />
        <ReadFailure error={known.error} onRetry={() => void known.refetch()} />
        <Failure error={begin.error} onRetry={begin.again} />
        <Group>
          <Button type="submit" size="xs" loading={begin.isPending} disabled={!known.data}>
            Send
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What is no handle known here is sent as it is: it may be an id, and if not, the API says so. */
function idOf(handle: string, known: readonly { id: string; handle: string }[]): string {
  return known.find((each) => each.handle.toLowerCase() === handle.toLowerCase())?.id ?? handle;
}
