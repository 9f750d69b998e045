import { Box, Group, Loader, NativeSelect, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { More } from '../door/More.tsx';
import { Search } from '../door/Search.tsx';
import { useTitle } from '../door/useTitle.ts';
import { caseHref } from '../door/where.ts';
import { leftUntil } from '../machine/left.ts';
import { formatAmount } from '../money/amounts.ts';
import { clock, type Session } from '../session/session.ts';
import { useSignedIn } from '../session/signedIn.tsx';
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
export function CaseRoom({ session, title }: { session: Session; title: string }) {
  useTitle(title);
  const [params, setParams] = useSearchParams();
  const asked: Asked = {
    view: (VIEWS.find(({ value }) => value === params.get('view'))?.value ?? '') as View | '',
    kind: params.get('kind') ?? '',
    q: params.get('q') ?? '',
    order: params.get('order') === 'oldest' ? 'oldest' : '',
  };
  const change = (part: Partial<Asked>, replace = false) => {
    const next = Object.entries({ ...asked, ...part }).filter(([, value]) => value !== '');
    setParams(new URLSearchParams(next as [string, string][]), { replace });
  };
  const List = asked.view === '' ? TurnFirst : CaseList;
  return (
    <Stack gap="sm">
      <Title order={2} fz="lg">
        {title}
      </Title>
      <Filters asked={asked} onChange={change} />
      <List session={session} asked={asked} nothing={NOTHING[asked.view]} />
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
      <NativeSelect
        label="By age"
        value={asked.order ?? ''}
        onChange={({ currentTarget }) => onChange({ order: currentTarget.value === 'oldest' ? 'oldest' : '' })}
        data={[
          { value: '', label: 'Newest first' },
          { value: 'oldest', label: 'Oldest first' },
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
type Read = ReturnType<typeof useCases>['read'];

/** How often a list that no socket tells of is read anew, in ms: all that was opened of it. */
const READ_ANEW = 10_000;

function useCases(session: Session, asked: Asked) {
  const polled = useSignedIn().seat === 'operator' ? { refetchInterval: READ_ANEW } : {};
  const read = useInfiniteQuery({ ...casesQuery(session, asked), ...polled });
  return { read, found: read.data?.pages.flatMap((page) => page.data) ?? [] };
}

/** Cases, by their age. */
export function CaseList({ session, asked, nothing }: CaseListProps) {
  const { read, found } = useCases(session, asked);
  return <Found read={read} shown={found} nothing={nothing} />;
}

/** Everything, and what waits for whoever looks before the rest, however old it is. */
export function TurnFirst({ session, asked, nothing }: CaseListProps) {
  const mine = useCases(session, { ...asked, view: 'needs_me' });
  const all = useCases(session, asked);
  // In one go: what is looked for first would else push away what one is about to press.
  if (mine.read.isPending) return <Loading />;
  if (mine.found.length === 0) return <Found read={all.read} shown={all.found} nothing={nothing} />;
  const first = new Set(mine.found.map(({ id }) => id));
  return (
    <>
      <Part title="Your turn">
        <Found read={mine.read} shown={mine.found} nothing={nothing} />
      </Part>
      <Part title="Everything else">
        <Found read={all.read} shown={all.found.filter(({ id }) => !first.has(id))} nothing="Nothing else." />
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    // No landmark: both sides of a table have one of that name.
    <Box role="group" aria-label={title} className={classes.part}>
      <Title order={3} fz="sm" mb={6}>
        {title}
      </Title>
      {children}
    </Box>
  );
}

function Found({ read, shown, nothing }: { read: Read; shown: readonly Listed[]; nothing: string }) {
  const { data, error, isPending, refetch } = read;
  if (isPending) return <Loading />;
  // What was read before is better than a word that it could not be read anew.
  if (!data) return <ReadFailure error={error} onRetry={() => void refetch()} />;
  if (shown.length === 0 && !read.hasNextPage) {
    return (
      <Text c="dimmed" size="sm" ta="center" py="xl">
        {nothing}
      </Text>
    );
  }
  return (
    <div className={classes.cases}>
      {/* What each part is, a row says by itself. */}
      <div className={classes.head} aria-hidden="true">
        <span>What</span>
        <span>With</span>
        <span>Until</span>
        <span className={classes.amount}>Amount</span>
        <span>Where it stands</span>
      </div>
      <ul className={classes.list}>
        {shown.map((each) => (
          <li key={each.id}>
            <Row seen={each} />
          </li>
        ))}
      </ul>
      <More read={read} />
    </div>
  );
}

function Loading() {
  return <Loader m="auto" aria-label="Reading the cases" />;
}

/** In columns where there is room for them, in two lines where not. */
function Row({ seen }: { seen: Listed }) {
  const { id, title, kind_label, state_label, needs_me, parties, my_role, value, deadline } = seen;
  const others = parties.filter(({ role }) => role !== my_role).map(({ handle }) => handle);
  return (
    <Link href={caseHref(id)} className={classes.row} data-case={id}>
      <span className={classes.title} title={title}>
        {title}
      </span>
      <span className={classes.about}>
        {/* Of what waits for one, the badge says that and not where it stands. */}
        <span className={classes.kind}>{needs_me ? `${kind_label}, ${state_label.toLowerCase()}` : kind_label}</span>
        {others.length > 0 && <span className={classes.who}>{others.join(' and ')}</span>}
        {deadline && <Until deadline={deadline} />}
      </span>
      {value && <span className={classes.amount}>{formatAmount(value.amount, value.asset)}</span>}
      <span className={classes.standing}>
        <CaseBadge seen={seen} size="sm" />
      </span>
    </Link>
  );
}

/** How long there still is, in the one unit that matters; to the minute for who points at it. */
function Until({ deadline }: { deadline: string }) {
  const at = new Date(deadline);
  return (
    <time
      dateTime={deadline}
      title={at.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}
      className={classes.until}
    >
      {leftUntil(at.getTime(), clock.now())}
    </time>
  );
}
