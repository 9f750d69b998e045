import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Failure } from '../client/Failure.tsx';
import { refusalOf } from '../client/refusal.ts';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useDemo } from './demo.ts';
import { SEAT_TITLES, type SeatName, useSeats } from './seats.tsx';

/** How somebody takes a seat: as the demo account with one click, with an account of theirs, or with a new one. */
export function SignIn({ seat }: { seat: SeatName }) {
  const { signIn, register, notices } = useSeats();
  const [isNew, setNew] = useState(false);
  const demo = useDemo().data?.accounts.find(({ role }) => role === seat);
  const enter = useOneAtATime({
    mutationFn: async ({ handle, password }: { handle: string; password: string }) => {
      if (isNew && seat !== 'operator') await register(seat, handle, password);
      else await signIn(seat, handle, password);
    },
  });
  const problem = (field: string) => (enter.error ? refusalOf(enter.error).problemOf(field) : null);
  const title = SEAT_TITLES[seat].toLowerCase();

  return (
    <Stack p="md" gap="md" maw={420} w="100%" mx="auto">
      {notices[seat] && (
        <Alert color="yellow" variant="light" role="status" p="xs">
          {notices[seat]}
        </Alert>
      )}
      {demo && (
        <Stack gap={4}>
          <Button
            size="md"
            loading={enter.isPending}
            onClick={() => enter.mutate({ handle: demo.handle, password: demo.password })}
          >
            Sign in as {demo.handle}
          </Button>
          <Text size="xs" c="dimmed" ta="center">
            or with another account
          </Text>
        </Stack>
      )}
      <form
        aria-label={isNew ? `Make an account as ${title}` : `Sign in as ${title}`}
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          enter.mutate({ handle: String(form.get('handle')), password: String(form.get('password')) });
        }}
      >
        <Stack gap="sm">
          <TextInput
            name="handle"
            label="Handle"
            required
            autoComplete="username"
            autoCapitalize="none"
            defaultValue={seat === 'operator' ? 'admin' : ''}
            error={problem('handle')}
          />
          <PasswordInput
            name="password"
            label="Password"
            required
            autoComplete={isNew ? 'new-password' : 'current-password'}
            error={problem('password')}
            description={seat === 'operator' ? 'npm start printed it the first time.' : undefined}
          />
          <Failure error={enter.error} />
          <Button type="submit" variant={demo ? 'default' : 'filled'} loading={enter.isPending}>
            {isNew ? 'Make the account' : 'Sign in'}
          </Button>
        </Stack>
      </form>
      {seat !== 'operator' && (
        <Anchor component="button" type="button" size="sm" ta="center" onClick={() => setNew(!isNew)}>
          {isNew ? 'I have an account' : `Make a new account as ${title}`}
        </Anchor>
      )}
    </Stack>
  );
}
