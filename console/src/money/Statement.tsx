import { Anchor, Button, Group, NativeSelect, Table, TextInput } from '@mantine/core';
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { FoundList, Wide } from '../door/FoundList.tsx';
import { caseHref } from '../door/where.ts';
import { words } from '../machine/words.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { formatSigned } from './amounts.ts';
import classes from './Ledger.module.css';
import { ALL_LINES, type AskedLines, readCsv, type StatementPage, statementKey, statementQuery } from './queries.ts';
import { saveText } from './save.ts';

const PARTS = Object.keys(ALL_LINES) as (keyof AskedLines)[];

/** What came and went, each line with what there was after it and the case that it is of; what of it, in the address. */
export function Statement({ assets }: { assets: readonly string[] }) {
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const asked = Object.fromEntries(PARTS.map((part) => [part, params.get(part) ?? ''])) as AskedLines;
  const change = (part: Partial<AskedLines>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(part)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  const read = useInfiniteQuery(statementQuery(session, asked));
  return (
    <section aria-label="Statement">
      <Filters asked={asked} assets={assets} onChange={change} />
      <FoundList
        read={read}
        what="the statement"
        nothing={PARTS.some((part) => asked[part]) ? 'Nothing came or went so.' : 'Nothing has come or gone yet.'}
      >
        {(lines) => <Lines lines={lines} />}
      </FoundList>
    </section>
  );
}

type FiltersProps = {
  asked: AskedLines;
  assets: readonly string[];
  onChange: (part: Partial<AskedLines>) => void;
};

function Filters({ asked, assets, onChange }: FiltersProps) {
  const { session } = useSignedIn();
  const kinds = useKinds(asked.kind);
  const csv = useOneAtATime({
    mutationFn: () => readCsv(session, asked),
    onSuccess: (text) => saveText('statement.csv', 'text/csv', text),
  });
  return (
    <>
      <Group gap="xs" align="end" mb="xs">
        <NativeSelect
          label="Asset"
          size="xs"
          value={asked.asset}
          onChange={({ currentTarget }) => onChange({ asset: currentTarget.value })}
          data={[{ value: '', label: 'All' }, ...assets]}
        />
        <NativeSelect
          label="Kind"
          size="xs"
          value={asked.kind}
          onChange={({ currentTarget }) => onChange({ kind: currentTarget.value })}
          data={[{ value: '', label: 'All' }, ...kinds.map((kind) => ({ value: kind, label: words(kind) }))]}
        />
        <TextInput
          type="date"
          label="From"
          size="xs"
          value={asked.from}
          max={asked.until || undefined}
          onChange={({ currentTarget }) => onChange({ from: currentTarget.value })}
        />
        <TextInput
          type="date"
          label="Until"
          size="xs"
          value={asked.until}
          min={asked.from || undefined}
          onChange={({ currentTarget }) => onChange({ until: currentTarget.value })}
        />
        {PARTS.some((part) => asked[part]) && (
          <Button size="xs" variant="subtle" color="gray" onClick={() => onChange(ALL_LINES)}>
            All of it
          </Button>
        )}
        <Button size="xs" variant="default" ml="auto" loading={csv.isPending} onClick={() => csv.mutate(undefined)}>
          As a CSV file
        </Button>
      </Group>
      <Failure error={csv.error} onRetry={csv.again} />
    </>
  );
}

/** The kinds that one has come across, and the one that is asked for: nobody lists them. */
function useKinds(asked: string): string[] {
  const { session } = useSignedIn();
  const queries = useQueryClient();
  const pages = queries
    .getQueriesData<InfiniteData<StatementPage>>({ queryKey: [...statementKey(session.user.id), 'lines'] })
    .flatMap(([, read]) => read?.pages ?? []);
  const seen = pages.flatMap(({ data }) => data.map(({ kind }) => kind));
  return [...new Set(asked ? [...seen, asked] : seen)].toSorted();
}

function Lines({ lines }: { lines: readonly StatementPage['data'][number][] }) {
  return (
    <Wide name="Lines of the statement">
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">When</Table.Th>
            <Table.Th scope="col">What</Table.Th>
            <Table.Th scope="col" ta="right">
              Amount
            </Table.Th>
            <Table.Th scope="col" ta="right">
              After it
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.id} data-line={line.kind}>
              <Table.Td>
                <time dateTime={line.occurred_at}>
                  {new Date(line.occurred_at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })}
                </time>
              </Table.Td>
              <Table.Td>
                {line.conversation_id ? (
                  <Anchor component={Link} href={caseHref(line.conversation_id)} size="sm">
                    {words(line.kind)}
                  </Anchor>
                ) : (
                  words(line.kind)
                )}
                {line.account === 'hold' && ' (held)'}
                {line.memo && `: ${line.memo}`}
              </Table.Td>
              <Table.Td ta="right" className={classes.amount}>
                {formatSigned(line.amount, line.asset)}
              </Table.Td>
              <Table.Td ta="right" className={classes.amount}>
                {formatSigned(line.balance_after, line.asset, '')}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
