import { Group, Loader, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { More } from '../door/More.tsx';
import { Search } from '../door/Search.tsx';
import { caseHref } from '../door/where.ts';
import { formatAmount } from '../money/amounts.ts';
import type { Session } from '../session/session.ts';
import { CaseBadge } from './CaseBadge.tsx';
import classes from './CaseList.module.css';
import { machinesQuery } from './machines.ts';
import { type Asked, casesQuery, type Listed, type View } from './queries.ts';

const VIEWS: { value: View | ''; label: string }[] = [
  { value: '', label: 'All' },
  { value: 'needs_me', label: 'Needs me' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'at_risk', label: 'At risk' },
  { value: 'done', label: 'Done' },
];

const NOTHING: Record<View | '', string> = {
  '': 'Nothing yet.',
  needs_me: 'Nothing needs you.',
  waiting: 'Nothing waits for anybody else.',
  at_risk: 'Nothing ends by itself within a day.',
  done: 'Nothing is done yet.',
};

/** Everything that goes on, with what is looked for in the address, so that going back comes back to it. */
export function CaseRoom({ session }: { session: Session }) {
  const [params, setParams] = useSearchParams();
  const asked: Asked = {
    view: (VIEWS.find(({ value }) => value === params.get('view'))?.value ?? '') as View | '',
    kind: params.get('kind') ?? '',
    q: params.get('q') ?? '',
  };
  const change = (part: Partial<Asked>, replace = false) => {
    const next = Object.entries({ ...asked, ...part }).filter(([, value]) => value !== '');
    setParams(new URLSearchParams(next as [string, string][]), { replace });
  };
  return (
    <Stack gap="sm">
      <Filters asked={asked} onChange={change} />
      <CaseList session={session} asked={asked} nothing={NOTHING[asked.view]} />
    </Stack>
  );
}

function Filters({ asked, onChange }: { asked: Asked; onChange: (part: Partial<Asked>, replace?: boolean) => void }) {
  const kinds = useQuery(machinesQuery).data ?? [];
  return (
    <Group gap="sm" align="end">
      <Search q={asked.q} placeholder="Id, handle, order, payment or title" onSearch={(q) => onChange({ q }, true)} />
      <NativeSelect
        label="Kind"
        value={asked.kind}
        onChange={({ currentTarget }) => onChange({ kind: currentTarget.value })}
        data={[
          { value: '', label: 'All kinds' },
          ...kinds.map(({ kind, label }) => ({ value: kind, label: `${label}s` })),
        ]}
      />
      <SegmentedControl
        aria-label="Which"
        className={classes.views}
        value={asked.view}
        onChange={(value) => onChange({ view: value as View | '' })}
        data={VIEWS}
      />
    </Group>
  );
}

type CaseListProps = { session: Session; asked: Asked; nothing: string };

/** Cases, newest first. */
export function CaseList({ session, asked, nothing }: CaseListProps) {
  const read = useInfiniteQuery(casesQuery(session, asked));
  const { data, error, isPending, refetch } = read;
  if (isPending) return <Loader m="auto" aria-label="Reading the cases" />;
  // What was read before is better than a word that it could not be read anew.
  if (!data) return <ReadFailure error={error} onRetry={() => void refetch()} />;
  const found = data.pages.flatMap((page) => page.data);
  if (found.length === 0) {
    return (
      <Text c="dimmed" size="sm" ta="center" py="xl">
        {nothing}
      </Text>
    );
  }
  return (
    <>
      <ul className={classes.list}>
        {found.map((each) => (
          <li key={each.id}>
            <Row seen={each} />
          </li>
        ))}
      </ul>
      <More read={read} />
    </>
  );
}

function Row({ seen }: { seen: Listed }) {
  const { id, title, kind_label, parties, my_role, value, deadline } = seen;
  const others = parties.filter(({ role }) => role !== my_role).map(({ handle }) => handle);
  return (
    <Link href={caseHref(id)} className={classes.row} data-case={id}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} size="sm" lineClamp={1} flex={1} miw={0} title={title} style={{ wordBreak: 'break-all' }}>
          {title}
        </Text>
        <CaseBadge seen={seen} size="sm" />
      </Group>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="xs" c="dimmed" lineClamp={1} miw={0}>
          {kind_label}
          {others.length > 0 && ` ${parties.length > 1 ? 'with' : 'of'} ${others.join(' and ')}`}
          {deadline && (
            <>
              , until{' '}
              <time dateTime={deadline}>
                {new Date(deadline).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}
              </time>
            </>
          )}
        </Text>
        {value && (
          <Text size="xs" fw={600} flex="none" className={classes.amount}>
            {formatAmount(value.amount, value.asset)}
          </Text>
        )}
      </Group>
    </Link>
  );
}
