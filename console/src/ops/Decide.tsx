import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { type Body, newIdempotencyKey } from 'tandem-client';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { words } from '../machine/words.ts';
import type { Session } from '../session/session.ts';
import { type Task, tasksKey } from './queries.ts';

type DecisionBody = Body<'tasks.decide'>;
type Decision = DecisionBody['decision'];

const SAYS: Partial<Record<Decision, string>> = {
  refund: 'Refund to whoever paid',
  retry: 'Try again',
  settle: 'Settled by hand',
  go_on: 'Go on all the same',
  approve: 'Approve',
  reject: 'Reject',
  dismiss: 'Dismiss',
};

/** The form in which an operator decides about a task; a dispute is ruled on by its own case's action. */
export function Decide({ task, session }: { task: Task; session: Session }) {
  const decide = useDeciding(task, session);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const decision = (submitter as HTMLButtonElement | null)?.value as Decision;
    const reason = String(new FormData(event.currentTarget).get('reason'));
    decide.mutate({ body: { decision, reason }, key: newIdempotencyKey() });
  };
  return (
    <form aria-label={`Decide: ${words(task.kind)}`} onSubmit={submit}>
      <Stack gap="xs" mt="xs">
        <Textarea name="reason" label="Reason" required maxLength={2_000} rows={2} />
        <Failure error={decide.error} onRetry={decide.again} />
        <Group gap="xs">
          {task.decisions.map((decision) => (
            <Button
              key={decision}
              type="submit"
              name="decision"
              value={decision}
              size="xs"
              variant={decision === 'dismiss' ? 'default' : 'filled'}
              loading={decide.isPending && decide.variables.body.decision === decision}
              disabled={decide.isPending}
              data-button={decision}
            >
              {SAYS[decision as Decision] ?? words(decision)}
            </Button>
          ))}
        </Group>
      </Stack>
    </form>
  );
}

function useDeciding(task: Task, session: Session) {
  const queries = useQueryClient();
  return useOneAtATime({
    mutationFn: ({ body, key }: { body: DecisionBody; key: string }) =>
      session.tandem.tasks.decide(task.id, body, { idempotencyKey: key }),
    // What is decided waits for nobody any more, before the list is read anew.
    onSuccess: () =>
      queries.setQueryData<Task[]>(tasksKey(session.user.id, 'open'), (open) =>
        open?.filter(({ id }) => id !== task.id),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: [session.user.id] }),
  });
}
