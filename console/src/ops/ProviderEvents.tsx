import { Anchor, Badge, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { FoundList, Wide } from '../door/FoundList.tsx';
import { Search } from '../door/Search.tsx';
import { caseHref } from '../door/where.ts';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { eventsQuery } from './books.ts';

const WHICH = [
  { value: '', label: 'All' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'set_aside', label: 'Set aside' },
];

/** What payment providers told, with what became of it. */
export function ProviderEvents() {
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const [q, only] = [params.get('q') ?? '', params.get('only') ?? ''];
  const change = (part: { q?: string; only?: string }) => {
    const next = Object.entries({ part: 'events', q, only, ...part }).filter(([, value]) => value !== '');
    setParams(new URLSearchParams(next as [string, string][]), { replace: true });
  };
  const read = useInfiniteQuery(eventsQuery(session, { q, only }));
  return (
    <Stack gap="sm">
      <Group align="end" gap="sm">
        <Search q={q} placeholder="An event’s id, a case’s or an order’s" onSearch={(next) => change({ q: next })} />
        <SegmentedControl
          aria-label="Which events"
          value={only}
          onChange={(next) => change({ only: next })}
          data={WHICH}
        />
      </Group>
      <FoundList read={read} what="what providers told" nothing="Nothing of that was told.">
        {(found) => (
          <Wide name="Provider events">
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">When</Table.Th>
                  <Table.Th scope="col">What was told</Table.Th>
                  <Table.Th scope="col">What became of it</Table.Th>
                  <Table.Th scope="col">Of what</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {found.map(({ id, provider, event_id, type, fact, process_id, received_at, booked_at, outcome }) => (
                  <Table.Tr key={id}>
                    <Table.Td>
                      <time dateTime={received_at}>
                        {new Date(received_at).toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' })}
                      </time>
                    </Table.Td>
                    <Table.Td>
                      {words(fact)}
                      <Text size="xs" c="dimmed" ff="monospace">
                        {provider} {type} {event_id}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <Badge variant="light" size="sm" tt="none" color={booked_at ? 'teal' : 'orange'}>
                        {words(outcome ?? (booked_at ? 'booked' : 'waits'))}
                      </Badge>
                    </Table.Td>
                    <Table.Td>
                      {process_id && (
                        <Anchor component={Link} size="sm" href={caseHref(process_id)}>
                          Its case
                        </Anchor>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </FoundList>
    </Stack>
  );
}
