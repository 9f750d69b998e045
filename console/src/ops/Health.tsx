import { Alert, Group, List, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CaseList } from '../case/CaseList.tsx';
import { ReadFailure } from '../client/Failure.tsx';
import { readyQuery, withoutPart } from '../client/parts.ts';
import { Outward } from '../door/DoorHeader.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useDemo } from '../session/demo.ts';
import { useSignedIn } from '../session/signedIn.tsx';

/** In ms. */
const READ_ANEW = 3_000;

/** What an operator looks for in the list of workflows: found by what each run keeps of itself. */
const RUNS = "ExecutionStatus = 'Running'";
const SEARCHES = [
  { text: 'Workflows that need you', query: `${RUNS} AND TandemAttention != 'none'` },
  { text: 'Holding money', query: `${RUNS} AND TandemHeld > 0` },
  { text: 'Waiting for nobody', query: `${RUNS} AND TandemAwaiting = 'nobody'` },
  { text: 'All that go on', query: RUNS },
];
const COLUMNS = ['State', 'Awaiting', 'Attention', 'Deadline', 'Held', 'Asset'].map((name) => `Tandem${name}`);

/** Whether all parts are there, and what is at risk today. */
export default function Health() {
  useTitle('Health');
  const { session } = useSignedIn();
  const ui = useDemo().data?.temporal_ui;
  const { data, error } = useQuery(readyQuery(READ_ANEW));
  return (
    <Stack gap="md">
      <section aria-label="Parts">
        <Title order={2} fz="lg" mb="xs">
          Parts
        </Title>
        <ReadFailure error={error} />
        {data?.degraded.length === 0 && (
          <Alert color="teal" variant="light" role="status" p="xs">
            <Text size="sm">All parts are there.</Text>
          </Alert>
        )}
        {data && data.degraded.length > 0 && (
          <Alert color="orange" variant="light" role="status" p="xs">
            <List size="sm">
              {data.degraded.map((part) => (
                <List.Item key={part}>{withoutPart(part)}</List.Item>
              ))}
            </List>
          </Alert>
        )}
      </section>
      <section aria-label="At risk">
        <Title order={2} fz="lg" mb="xs">
          At risk today
        </Title>
        <CaseList
          session={session}
          asked={{ view: 'at_risk', kind: '', q: '' }}
          nothing="Nothing ends by itself within a day, and nothing calls for you."
        />
      </section>
      {ui && <InTemporal ui={ui} />}
    </Stack>
  );
}

/** The list of workflows, asked what matters. Which columns it has is kept by the browser there, and in no address. */
function InTemporal({ ui }: { ui: string }) {
  return (
    <section aria-label="In Temporal">
      <Title order={2} fz="lg" mb="xs">
        In Temporal
      </Title>
      <Group gap="sm">
        {SEARCHES.map(({ text, query }) => (
          <Outward key={text} href={`${ui}?query=${encodeURIComponent(query)}`} text={text} />
        ))}
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        Choose these columns there once, and your browser keeps them: {COLUMNS.join(', ')}. Amounts there are in the
        smallest unit; with their unit they are in a workflow’s details, which lead back to its case.
      </Text>
    </section>
  );
}
