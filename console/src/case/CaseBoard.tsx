import { Badge, Group, List, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ReadFailure } from '../client/Failure.tsx';
import { Instants } from '../machine/Instants.tsx';
import { Picture, waysFrom } from '../machine/Picture.tsx';
import { roleWords, words } from '../machine/words.ts';
import { formatAmount } from '../money/amounts.ts';
import { Ledger } from '../money/Ledger.tsx';
import type { Session } from '../session/session.ts';
import { OutcomeBadge } from './CaseBadge.tsx';
import classes from './CaseBoard.module.css';
import { Facts } from './CaseSide.tsx';
import { machinesQuery } from './machines.ts';
import { Phases } from './Phases.tsx';
import { type Case, entriesQuery, type Machine } from './queries.ts';

/** What all who take part look at: where it stands, until when, and the money. */
export function CaseBoard({ session, seen }: { session: Session; seen: Case }) {
  return (
    <Stack gap="sm" p="md">
      <Standing seen={seen} />
      <Facts facts={seen.facts.filter(({ text }) => text.length <= SHORT)} />
      <OnItsWay seen={seen} />
      <TheMachine seen={seen} />
      <CaseMoney session={session} id={seen.id} />
      <InWords seen={seen} />
    </Stack>
  );
}

/** What is longer is read where it was said. */
const SHORT = 80;

/** What it is about, where it stands or how it came out, and until when. */
export function Standing({ seen }: { seen: Case }) {
  const { title, awaiting, parties, outcome, instants, ended } = seen;
  const awaited = parties.find(({ role }) => role === awaiting);
  return (
    <>
      <Group justify="space-between" align="start" wrap="nowrap" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Text size="xs" c="dimmed" lineClamp={1} title={title} style={{ wordBreak: 'break-all' }}>
            {title}
          </Text>
          <Group gap="xs">
            <Title order={2} fz="xl" lh={1.2} data-testid="state">
              {seen.state_label}
            </Title>
            <OutcomeBadge outcome={outcome} />
          </Group>
          <Text size="sm" c="dimmed">
            {awaited
              ? `It is for ${awaited.handle}, the ${awaited.role_label.toLowerCase()}, to answer`
              : ended
                ? 'It has ended'
                : 'Nobody alone is waited for'}
          </Text>
        </div>
        {instants.length > 0 && <Instants instants={instants} since={seen.entered_at} />}
      </Group>
      <Phases seen={seen} />
    </>
  );
}

function OnItsWay({ seen }: { seen: Case }) {
  if (seen.on_its_way.length === 0) return null;
  return (
    <Group gap="xs">
      {seen.on_its_way.map(({ kind, amount, asset, status }) => (
        <Badge key={`${kind} ${amount} ${status}`} variant="light" color="orange" size="lg" tt="none">
          {words(kind)} of {formatAmount(amount, asset)}: {status}
        </Badge>
      ))}
    </Group>
  );
}

export function useMachine(kind: string) {
  const { data, error, refetch } = useQuery(machinesQuery);
  return { machine: data?.find((each) => each.kind === kind) ?? null, error, refetch };
}

/** The machine of its kind, with where it stands and the way it took. */
export function TheMachine({ seen }: { seen: Case }) {
  const { machine, error, refetch } = useMachine(seen.kind);
  return (
    <section aria-label="The machine">
      <ReadFailure error={error} onRetry={() => void refetch()} />
      {machine && (
        <Picture machine={machine} variant={variantOf(machine, seen)} state={seen.state} steps={seen.history} />
      )}
    </section>
  );
}

/** Which of its kind's ways it goes: where it began says so. */
function variantOf(machine: Machine, { history, state }: Case): string | null {
  const began = history[0]?.from ?? state;
  return (machine.variants.find(({ opens }) => opens === began) ?? machine.variants[0])?.name ?? null;
}

export function CaseMoney({ session, id }: { session: Session; id: string }) {
  const entries = useQuery(entriesQuery(session, id));
  return (
    <section aria-label="Ledger">
      <Title order={3} fz="md" mb={6}>
        Ledger
      </Title>
      <ReadFailure error={entries.error} onRetry={() => void entries.refetch()} />
      {entries.data && <Ledger entries={entries.data} />}
    </section>
  );
}

/** The picture as two lists: the way so far, with its times, and where it can go. */
export function InWords({ seen }: { seen: Case }) {
  const { machine } = useMachine(seen.kind);
  if (!machine) return null;
  const labelOf = (state: string) => machine.states.find(({ name }) => name === state)?.label ?? state;
  const ways = waysFrom(machine, variantOf(machine, seen), seen.state);
  return (
    <details className={classes.words}>
      <summary>The machine in words: the way so far, and from here</summary>
      <Group align="start" gap="lg" mt="xs">
        <List type="ordered" size="xs" spacing={2} flex="1 1 12rem" aria-label="The way so far">
          {seen.history.map(({ n, command, by, from, to, at }) => (
            <List.Item key={n}>
              <time dateTime={at}>{new Date(at).toLocaleTimeString()}</time> {words(command)} by {roleWords(by)}
              {from !== to && <>: {labelOf(to)}</>}
            </List.Item>
          ))}
        </List>
        <List size="xs" spacing={2} flex="1 1 12rem" aria-label="From here">
          {ways.map(({ command, label, to, by }) => (
            <List.Item key={`${command} ${to}`}>
              {label} by {by.map(roleWords).join(' or ')}: {labelOf(to)}
            </List.Item>
          ))}
        </List>
      </Group>
    </details>
  );
}
