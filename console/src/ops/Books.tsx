import { Alert, Badge, Code, Group, Loader, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ReadFailure } from '../client/Failure.tsx';
import { Wide } from '../door/FoundList.tsx';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { Balances } from './Balances.tsx';

/** Whether the books are right: every promise about money that is true at every instant, asked now. */
export function Books() {
  const { session } = useSignedIn();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: [session.user.id, 'reconciliation'],
    queryFn: () => session.tandem.books.reconcile(),
  });
  if (isPending) return <Loader aria-label="Reading the books" />;
  if (!data) return <ReadFailure error={error} onRetry={() => void refetch()} />;
  const broken = data.checks.filter(({ ok }) => !ok);
  return (
    <Stack gap="md">
      <Title order={2} fz="lg">
        The books
      </Title>
      <Alert color={data.ok ? 'teal' : 'red'} variant="light" role="status" p="xs">
        <Text size="sm">
          {data.ok
            ? `All ${data.checks.length} checks hold: nothing was created, lost or doubled.`
            : `${broken.length} of ${data.checks.length} checks do not hold.`}
        </Text>
      </Alert>
      <Balances />
      <Wide name="The checks">
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Check</Table.Th>
              <Table.Th scope="col">What it means</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.checks.map(({ name, meaning, ok, rows }) => (
              <Table.Tr key={name}>
                <Table.Td>
                  <Group gap={6}>
                    <Badge size="xs" variant="light" color={ok ? 'teal' : 'red'}>
                      {ok ? 'Holds' : 'Broken'}
                    </Badge>
                    {words(name)}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{meaning}</Text>
                  {rows.length > 0 && <Code block>{rows.map((row) => Object.values(row).join(' ')).join('\n')}</Code>}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}
