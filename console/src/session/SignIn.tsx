import { Alert, Anchor, Button, NativeSelect, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useDemo } from './demo.ts';
import { type NewRole, SEAT_TITLES, type SeatName, useSeats } from './seats.tsx';

type Account = { handle: string; password: string };

/** How somebody takes a seat: as the demo account with one click, with an account of theirs, or with a new one. */
export function SignIn({ seat }: { seat: SeatName }) {
  const { signIn, register, notices } = useSeats();
  const [isNew, setNew] = useState(false);
  const [role, setRole] = useState<NewRole>(seat === 'influencer' ? seat : 'brand_owner');
  const demos = (useDemo().data?.accounts ?? []).filter((each) => each.role === seat || seat === 'desk');
  const enter = useOneAtATime({
    mutationFn: async ({ handle, password }: Account) => {
      if (isNew && seat !== 'operator') await register(seat, handle, password, role);
      else await signIn(seat, handle, password);
    },
  });
  const title = SEAT_TITLES[seat].toLowerCase();

  return (
    <Stack p="md" gap="md" maw={420} w="100%" mx="auto">
      {notices[seat] && (
        <Alert color="yellow" variant="light" role="status" p="xs">
          {notices[seat]}
        </Alert>
      )}
      {demos.length > 0 && (
        <Stack gap={4}>
          {demos.map((demo) => (
            <Button
              key={demo.handle}
              size="md"
              loading={enter.isPending}
              onClick={() => enter.mutate({ handle: demo.handle, password: demo.password })}
            >
              Sign in as {demo.handle}
            </Button>
          ))}
          <Text size="xs" c="dimmed" ta="center">
            or with another account
          </Text>
        </Stack>
      )}
      {isNew && seat === 'desk' && (
        <NativeSelect
          label="You are"
          value={role}
          onChange={({ currentTarget }) => setRole(currentTarget.value as NewRole)}
          data={[
            { value: 'brand_owner', label: 'A brand owner' },
            { value: 'influencer', label: 'An influencer' },
            { value: 'viewer', label: 'A viewer' },
          ]}
        />
      )}
      <Credentials seat={seat} isNew={isNew} enter={enter} asked={demos.length > 0 ? 'default' : 'filled'} />
      {seat !== 'operator' && (
        <Anchor component="button" type="button" size="sm" ta="center" onClick={() => setNew(!isNew)}>
          {isNew ? 'I have an account' : seat === 'desk' ? 'Make a new account' : `Make a new account as ${title}`}
        </Anchor>
      )}
    </Stack>
  );
}

type Entering = { mutate: (account: Account) => void; isPending: boolean; error: unknown };
type CredentialsProps = { seat: SeatName; isNew: boolean; enter: Entering; asked: 'default' | 'filled' };

/** Handle and password; the button stands back where one click does it. */
function Credentials({ seat, isNew, enter, asked }: CredentialsProps) {
  const problem = (field: string) => (enter.error ? refusalOf(enter.error).problemOf(field) : null);
  const title = SEAT_TITLES[seat].toLowerCase();
  return (
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
          description={
            seat === 'operator'
              ? 'npm start printed it the first time; npm run admin:password sets another.'
              : undefined
          }
        />
        <Failure error={enter.error} />
        <Button type="submit" variant={asked} loading={enter.isPending}>
          {isNew ? 'Make the account' : 'Sign in'}
        </Button>
      </Stack>
    </form>
  );
}
