import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { refusalOf } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import type { Rule } from './queries.ts';

type Filled = { points: string; daily_cap: string | null; enabled: boolean; reason: string };

/** Changes a rule: a new version, with why. What was done before is judged by the one before it. */
export function ChangeRule({ rule }: { rule: Rule }) {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const change = useOneAtATime({
    mutationFn: (filled: Filled) => session.tandem.rewards.changeRule(rule.action, filled),
    onSuccess: () => void queries.invalidateQueries({ queryKey: [session.user.id, 'rules'] }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const cap = String(given.get('daily_cap')).trim();
    change.mutate({
      points: String(given.get('points')),
      daily_cap: cap === '' ? null : cap,
      enabled: given.get('enabled') === 'on',
      reason: String(given.get('reason')),
    });
  };
  const problemOf = (field: string) => (change.error ? refusalOf(change.error).problemOf(field) : null);
  return (
    <form key={rule.version} onSubmit={submit} aria-label="Change the rule">
      <Stack gap="xs">
        <Group grow align="start">
          <TextInput name="points" label="LYK" defaultValue={rule.points} required error={problemOf('points')} />
          <TextInput
            name="daily_cap"
            label="At most a day"
            defaultValue={rule.daily_cap ?? ''}
            placeholder="No limit"
            error={problemOf('daily_cap')}
          />
        </Group>
        <label>
          <input type="checkbox" name="enabled" defaultChecked={rule.enabled} />{' '}
          <Text span size="sm">
            It is in force
          </Text>
        </label>
        <Textarea name="reason" label="Why" autosize minRows={2} required error={problemOf('reason')} />
        <Failure error={change.error} onRetry={change.again} />
        <Button type="submit" w="fit-content" loading={change.isPending}>
          Change it from now on
        </Button>
      </Stack>
    </form>
  );
}
