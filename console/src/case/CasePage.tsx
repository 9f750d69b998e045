import { Group, Loader, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { Outward } from '../door/DoorHeader.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { READ_ANEW } from '../session/useConnection.ts';
import { Conversation } from '../talk/Conversation.tsx';
import { Actions } from './Actions.tsx';
import { CaseMoney, InWords, Standing, TheMachine } from './CaseBoard.tsx';
import classes from './CasePage.module.css';
import { Facts } from './CaseSide.tsx';
import { History } from './History.tsx';
import { type Case, caseQuery } from './queries.ts';

const TABS = ['overview', 'conversation', 'money', 'history', 'process'] as const;
type Tab = (typeof TABS)[number];

/** One case, of whatever kind, on a page of its own; which part is open is in the address. */
export default function CasePage({ params: { id } }: { params: { id: string } }) {
  const { session, seat } = useSignedIn();
  // Whoever takes no part is not told by socket: it is read anew all the while.
  const polled = seat === 'operator' ? { refetchInterval: READ_ANEW } : {};
  const { data, error, isPending, refetch } = useQuery({ ...caseQuery(session, id), ...polled });
  if (data) return <Opened seen={data} />;
  if (isPending) return <Loader m="auto" aria-label="Reading the case" />;
  return <ReadFailure error={error} onRetry={() => void refetch()} />;
}

function Opened({ seen }: { seen: Case }) {
  useTitle(`${seen.title}, ${seen.state_label}`);
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const asked = params.get('part') as Tab | null;
  const tab = asked && TABS.includes(asked) ? asked : 'overview';
  const { conversation, workflow } = seen.links;
  return (
    <Stack gap="md">
      <div>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {seen.kind_label} {seen.parties.length > 1 ? 'between' : 'of'}{' '}
            {seen.parties.map(({ handle, role_label }) => `${handle} (${role_label.toLowerCase()})`).join(' and ')}
          </Text>
          {workflow && <InTemporal workflow={workflow} kind={seen.kind} />}
        </Group>
      </div>
      <Standing seen={seen} />
      <Tabs
        value={tab}
        onChange={(next) => setParams(next === 'overview' ? {} : { part: next ?? '' })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          {conversation && <Tabs.Tab value="conversation">Conversation</Tabs.Tab>}
          <Tabs.Tab value="money">Money</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
          <Tabs.Tab value="process">Process</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview" pt="md">
          <Overview seen={seen} />
        </Tabs.Panel>
        <Tabs.Panel value="conversation" pt="md">
          {conversation && (
            <div className={classes.conversation}>
              <Conversation id={seen.id} shown actions={<Actions session={session} seen={seen} />} />
            </div>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="money" pt="md">
          <CaseMoney session={session} id={seen.id} />
        </Tabs.Panel>
        <Tabs.Panel value="history" pt="md">
          <History seen={seen} />
        </Tabs.Panel>
        <Tabs.Panel value="process" pt="md">
          <TheMachine seen={seen} />
          <InWords seen={seen} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** Where its workflow is looked at; for staff beside it the list of all of its kind that go on. */
function InTemporal({ workflow, kind }: { workflow: string; kind: string }) {
  const { seat } = useSignedIn();
  const list = workflow.slice(0, workflow.lastIndexOf('/'));
  const query = `ExecutionStatus = 'Running' AND TandemKind = '${kind}'`;
  return (
    <Group gap="sm">
      <Outward href={workflow} text="Its workflow" />
      {seat === 'operator' && (
        <Outward href={`${list}?query=${encodeURIComponent(query)}`} text="All of its kind in Temporal" />
      )}
    </Group>
  );
}

/** What is asked and what is known; where both sides dispute, what each has said beside the other. */
function Overview({ seen }: { seen: Case }) {
  const { session, seat } = useSignedIn();
  return (
    <Stack gap="md">
      <Actions session={session} seen={seen} />
      {seat === 'operator' && <BothSides seen={seen} />}
      <Facts facts={seen.facts} />
    </Stack>
  );
}

/** What each side wrote with its steps, next to each other: what one has to know before one rules. */
export function BothSides({ seen }: { seen: Case }) {
  return (
    <div className={classes.sides}>
      {seen.parties.map(({ role, role_label, handle }) => {
        const said = seen.history.filter(({ by, text, links }) => by === role && (text || links.length > 0));
        return (
          <section key={role} aria-label={`What the ${role_label.toLowerCase()} wrote`}>
            <Title order={3} fz="sm">
              {role_label}: {handle}
            </Title>
            {said.length === 0 ? (
              <Text size="sm" c="dimmed">
                Wrote nothing.
              </Text>
            ) : (
              <History seen={{ ...seen, history: said }} />
            )}
          </section>
        );
      })}
    </div>
  );
}
