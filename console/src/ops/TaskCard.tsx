import { Anchor, Badge, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Actions } from '../case/Actions.tsx';
import { CaseBadge } from '../case/CaseBadge.tsx';
import { BothSides } from '../case/CasePage.tsx';
import { Facts as CaseFacts } from '../case/CaseSide.tsx';
import { caseQuery } from '../case/queries.ts';
import { ReadFailure } from '../client/Failure.tsx';
import { caseHref } from '../door/where.ts';
import { words } from '../machine/words.ts';
import { formatAmount } from '../money/amounts.ts';
import { clock, type Session } from '../session/session.ts';
import { READ_ANEW } from '../session/useConnection.ts';
import { AtIt } from './AtIt.tsx';
import { Decide } from './Decide.tsx';
import type { Task } from './queries.ts';
import { decisionSentence, rowsOf } from './sentences.ts';
import { TaskNotes } from './TaskNotes.tsx';
import classes from './Tasks.module.css';

/** One task: what it is about, the deal behind it, and what was or can be decided. */
export function TaskCard({ task, session }: { task: Task; session: Session }) {
  const { conversation_id: caseId } = task;
  return (
    <Card withBorder padding="sm" component="article" aria-label={words(task.kind)} data-task={task.kind}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={2} fz="sm">
          {words(task.kind)}
        </Title>
        <Text size="xs" c="dimmed">
          {new Date(task.opened_at).toLocaleString()}
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        Opened {ageOf(task.opened_at)} ago
      </Text>
      <AtIt task={task} session={session} />
      {!(caseId && task.kind === 'dispute') && <Facts rows={rowsOf(task.details)} />}
      {task.decision && (
        <Text size="sm" mt={6}>
          <Badge variant="light" color="teal" size="sm" mr={6}>
            Decided
          </Badge>
          {decisionSentence(task.decision)}
        </Text>
      )}
      {caseId && <Behind session={session} id={caseId} rules={task.kind === 'dispute' && !task.closed_at} />}
      {task.decisions.some((decision) => decision !== 'rule') && <Decide task={task} session={session} />}
      <TaskNotes taskId={task.id} session={session} />
    </Card>
  );
}

function Facts({ rows }: { rows: [string, string][] }) {
  return (
    <dl className={classes.facts}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The case behind a task: what it is worth, where it stands; a dispute is ruled on here, with both sides before one's eyes. */
function Behind({ session, id, rules }: { session: Session; id: string; rules: boolean }) {
  const { data: seen, error } = useQuery({ ...caseQuery(session, id), refetchInterval: READ_ANEW });
  if (!seen) return <ReadFailure error={error} />;
  return (
    <Stack gap="sm" mt={6}>
      <Group gap="sm">
        <Anchor component={Link} href={caseHref(id)} size="sm">
          {seen.title}
        </Anchor>
        {seen.value && (
          <Text size="sm" fw={600}>
            {formatAmount(seen.value.amount, seen.value.asset)}
          </Text>
        )}
        <CaseBadge seen={seen} size="sm" />
      </Group>
      {rules && (
        <>
          <CaseFacts facts={seen.facts} />
          <BothSides seen={seen} />
          <Actions session={session} seen={seen} />
        </>
      )}
    </Stack>
  );
}

function ageOf(instant: string): string {
  const minutes = Math.max(0, Math.round((clock.now() - Date.parse(instant)) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`;
}
