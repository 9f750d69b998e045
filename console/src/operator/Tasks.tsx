import {
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  Loader,
  SegmentedControl,
  Slider,
  Stack,
  Text,
  Textarea,
  Title,
} from '@mantine/core';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { bodyOf, dataOf } from '../client/answer.ts';
import { Failure } from '../client/Failure.tsx';
import { newIdempotencyKey } from '../client/idempotencyKey.ts';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { openDeal } from '../deal/openDeal.ts';
import { words } from '../machine/words.ts';
import type { paths } from '../openapi.d.ts';
import type { Session } from '../session/session.ts';
import classes from './Tasks.module.css';

type Listed = paths['/api/admin/tasks']['get']['responses'][200]['content']['application/json'];
type Task = Listed['data'][number];
type DecisionBody = NonNullable<
  paths['/api/admin/tasks/{id}/decision']['post']['requestBody']
>['content']['application/json'];
type Decision = DecisionBody['decision'];

/** Operators are not told by socket: what waits for them is read anew this often, in ms. */
const READ_ANEW = 4_000;

export function tasksQuery({ api, user }: Session, status: 'open' | 'closed') {
  return queryOptions({
    queryKey: [user.id, 'tasks', status],
    queryFn: async () => (await bodyOf(api.GET('/api/admin/tasks', { params: { query: { status, limit: 50 } } }))).data,
    refetchInterval: READ_ANEW,
  });
}

/** What waits for an operator, and what they decide. */
export function Tasks({ session, onDeal }: { session: Session; onDeal: () => void }) {
  const [status, setStatus] = useState<'open' | 'closed'>('open');
  const { data, error, isPending, refetch } = useQuery(tasksQuery(session, status));
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label="Which tasks"
        value={status}
        onChange={(value) => setStatus(value as 'open' | 'closed')}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'closed', label: 'Decided' },
        ]}
      />
      {isPending && <Loader mx="auto" aria-label="Reading the tasks" />}
      <Failure error={error} onRetry={() => void refetch()} />
      {data?.length === 0 && (
        <Text c="dimmed" size="sm" ta="center" py="lg">
          {status === 'open' ? 'Nothing waits for you.' : 'Nothing was decided yet.'}
        </Text>
      )}
      {data?.map((task) => (
        <TaskCard key={task.id} task={task} session={session} onDeal={onDeal} />
      ))}
    </Stack>
  );
}

function TaskCard({ task, session, onDeal }: { task: Task; session: Session; onDeal: () => void }) {
  const { conversation_id: deal } = task;
  return (
    <Card withBorder padding="sm" component="article" aria-label={words(task.kind)} data-task={task.kind}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={3} fz="sm">
          {words(task.kind)}
        </Title>
        <Text size="xs" c="dimmed">
          {new Date(task.opened_at).toLocaleString()}
        </Text>
      </Group>
      <Facts facts={task.details} />
      {task.decision && (
        <>
          <Badge variant="light" color="teal" size="sm" mt={6}>
            Decided
          </Badge>
          <Facts facts={task.decision} />
        </>
      )}
      {deal && (
        <Anchor
          component="button"
          type="button"
          size="sm"
          display="block"
          ta="start"
          onClick={() => {
            openDeal(deal);
            onDeal();
          }}
        >
          Look at the deal
        </Anchor>
      )}
      {task.decisions.length > 0 && <Decide task={task} session={session} />}
    </Card>
  );
}

function Facts({ facts }: { facts: Record<string, unknown> }) {
  return (
    <dl className={classes.facts}>
      {Object.entries(facts).map(([name, value]) => (
        <div key={name}>
          <dt>{words(name)}</dt>
          <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

const SAYS: Record<Decision, string> = {
  rule: 'Rule',
  refund: 'Refund to whoever paid',
  retry: 'Try again',
  dismiss: 'Dismiss',
};

function Decide({ task, session }: { task: Task; session: Session }) {
  const queries = useQueryClient();
  const [percent, setPercent] = useState(50);
  const rules = task.decisions.includes('rule');
  const decide = useOneAtATime({
    mutationFn: ({ body, key }: { body: DecisionBody; key: string }) =>
      dataOf(
        session.api.POST('/api/admin/tasks/{id}/decision', {
          params: { path: { id: task.id }, header: { 'idempotency-key': key } },
          body,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: [session.user.id] }),
  });
  return (
    <form
      aria-label={`Decide: ${words(task.kind)}`}
      onSubmit={(event) => {
        event.preventDefault();
        const { submitter } = event.nativeEvent as SubmitEvent;
        const decision = (submitter as HTMLButtonElement | null)?.value as Decision;
        const reason = String(new FormData(event.currentTarget).get('reason'));
        const body = { decision, reason, ...(decision === 'rule' ? { release_percent: percent } : {}) };
        decide.mutate({ body, key: newIdempotencyKey() });
      }}
    >
      <Stack gap="xs" mt="xs">
        {rules && (
          <div>
            <Text size="sm" id={`${task.id}-share`}>
              {percent} % to the influencer, {100 - percent} % back to the brand owner
            </Text>
            <Slider
              value={percent}
              onChange={setPercent}
              step={5}
              label={null}
              thumbLabel="Share that is released, in percent"
            />
          </div>
        )}
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
