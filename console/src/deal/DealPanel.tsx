import { Badge, Button, Group, List, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../client/Failure.tsx';
import { formatAmount } from '../ledger/amounts.ts';
import { Ledger } from '../ledger/Ledger.tsx';
import { Countdown } from '../machine/Countdown.tsx';
import type { Kind } from '../machine/layout.ts';
import { Picture, useFlow, waysFrom } from '../machine/Picture.tsx';
import { roleWords, words } from '../machine/words.ts';
import { useDemo } from '../session/demo.ts';
import { type SeatName, useSeats } from '../session/seats.tsx';
import type { Session } from '../session/session.ts';
import { READ_ANEW } from '../session/useConnection.ts';
import classes from './DealPanel.module.css';
import { useOpenDeal } from './openDeal.ts';
import { type Context, contextQuery, type Flow, ledgerQuery, type Step, stepsQuery } from './queries.ts';
import { useSeenDeal } from './useSeenDeal.ts';
import { useTitle } from './useTitle.ts';

/** What both sides look at: where the deal stands on the machine, until when, and the money. */
export function DealPanel() {
  const id = useOpenDeal();
  const seen = useSeenDeal(id);
  return id && seen ? <Opened key={id} {...seen} /> : <Nothing />;
}

type OpenedProps = { seat: SeatName; session: Session; context: Context };

function Opened({ seat, session, context }: OpenedProps) {
  const { conversation, deadline, on_its_way: onItsWay } = context;
  const { kind, flow_state: state, flow_data: terms } = conversation;
  const title = useTitle(session, conversation);
  // An operator has no socket: what is shown as they see it is read anew all the while.
  const polled = seat === 'operator' ? { refetchInterval: READ_ANEW } : {};
  useQuery({ ...contextQuery(session, conversation.id), ...polled });
  const steps = useQuery({ ...stepsQuery(session, conversation.id), ...polled }).data ?? [];
  const ledger = useQuery({ ...ledgerQuery(session, conversation.id), ...polled });
  const flow = useFlow();
  const since = steps.findLast(({ from, to }) => from !== to)?.at ?? conversation.created_at;

  return (
    <Stack gap="sm" p="md">
      <Group justify="space-between" align="start" wrap="nowrap" gap="sm">
        <div>
          <Text size="xs" c="dimmed" lineClamp={1}>
            {title}
          </Text>
          <Title order={2} fz="xl" lh={1.2} data-testid="state">
            {words(state)}
          </Title>
          <Text size="sm" c="dimmed">
            {conversation.awaiting_role
              ? `It is for ${roleWords(conversation.awaiting_role)} to answer`
              : (STANDING[state] ?? 'Nobody is awaited')}
          </Text>
        </div>
        {deadline && (
          <div className={classes.deadline}>
            <Text size="xs" c="dimmed">
              Time left
            </Text>
            <Countdown deadline={deadline} since={since} />
          </div>
        )}
      </Group>

      {terms && <Terms terms={terms} />}
      {onItsWay.length > 0 && (
        <Group gap="xs">
          {onItsWay.map(({ kind: what, amount, asset, status }) => (
            <Badge key={`${what} ${amount} ${status}`} variant="light" color="orange" size="lg" tt="none">
              {words(what)} of {formatAmount(amount, asset)}: {status}
            </Badge>
          ))}
        </Group>
      )}

      {kind !== 'direct' && (
        <section aria-label="The machine">
          <Failure error={flow.error} onRetry={() => void flow.refetch()} />
          {flow.data && <Picture flow={flow.data} kind={kind} state={state} steps={steps} />}
        </section>
      )}

      <section aria-label="Ledger">
        <Title order={3} fz="md" mb={6}>
          Ledger
        </Title>
        <Failure error={ledger.error} onRetry={() => void ledger.refetch()} />
        {ledger.data && <Ledger entries={ledger.data} />}
      </section>

      {kind !== 'direct' && flow.data && <InWords flow={flow.data} kind={kind} state={state} steps={steps} />}
    </Stack>
  );
}

const STANDING: Partial<Record<Flow['states'][number]['name'], string>> = {
  work_approved: 'The money is being released',
  disputed: 'Both sides may speak; an administrator rules',
  real_time: 'Both sides may write to each other',
  chat_closed: 'It has ended',
};

function Terms({ terms }: { terms: NonNullable<Context['conversation']['flow_data']> }) {
  const { agreed_price: agreed, offered_price: offer, counter_price: counter } = terms;
  const rupees = (amount: string | null) => amount && formatAmount(amount, 'INR');
  const rows: [string, string | null][] = [
    ['Agreed', rupees(agreed)],
    ['Proposed', agreed || offer ? null : rupees(terms.proposed_amount)],
    ['Offered', agreed ? null : rupees(offer)],
    ['Asked for', agreed ? null : rupees(counter)],
    ['In escrow', rupees(terms.held)],
    ['Fee', terms.platform_fee_bps === null ? null : `${terms.platform_fee_bps / 100} %`],
    ['Rounds', terms.negotiation_round > 0 ? `${terms.negotiation_round} of ${terms.policy.max_rounds}` : null],
    ['Revisions', terms.revision_count > 0 ? `${terms.revision_count} of ${terms.policy.max_revisions}` : null],
    ['Ruling', terms.ruling ? `${terms.ruling.release_percent} % released` : null],
  ];
  return (
    <dl className={classes.terms}>
      {rows.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

type InWordsProps = { flow: Flow; kind: Kind; state: Flow['states'][number]['name']; steps: readonly Step[] };

/** The picture as two lists: the way so far, with its times, and where it can go. */
function InWords({ flow, kind, state, steps }: InWordsProps) {
  const ways = waysFrom(flow, kind, state);
  return (
    <details className={classes.words}>
      <summary>The machine in words: the way so far, and from here</summary>
      <Group align="start" gap="lg" mt="xs">
        <List type="ordered" size="xs" spacing={2} flex="1 1 12rem" aria-label="The way so far">
          {steps.map(({ n, on, by, from, to, at }) => (
            <List.Item key={n}>
              <time dateTime={at}>{new Date(at).toLocaleTimeString()}</time> {words(on)} by {roleWords(by)}
              {from !== to && <>: {words(to)}</>}
            </List.Item>
          ))}
        </List>
        <List size="xs" spacing={2} flex="1 1 12rem" aria-label="From here">
          {ways.map(({ on, to, by }) => (
            <List.Item key={`${on} ${to}`}>
              {words(on)} by {by.map(roleWords).join(' or ')}: {words(to)}
            </List.Item>
          ))}
        </List>
      </Group>
    </details>
  );
}

/** Before a deal is open: what to do, and the machine to look at. */
function Nothing() {
  const { sessions, signIn } = useSeats();
  const flow = useFlow();
  const demo = useDemo();
  const [kind, setKind] = useState<Kind>('campaign');
  const away = (demo.data?.accounts ?? []).filter(({ role }) => !sessions[role]);
  const enter = useMutation({
    mutationFn: () => Promise.all(away.map(({ role, handle, password }) => signIn(role, handle, password))),
  });
  return (
    <Stack gap="md" p="md">
      <div>
        <Title order={2} fz="xl">
          Try both sides of a deal
        </Title>
        <Text c="dimmed" size="sm" mt={4}>
          On the left sits a brand owner, on the right an influencer; what one does, the other sees at once. Post a
          campaign or a bid, answer it from the other side, and go on by the buttons: price, payment into escrow, work,
          release.
        </Text>
      </div>
      {away.length > 1 && (
        <div>
          <Button size="md" loading={enter.isPending} onClick={() => enter.mutate()}>
            Sign in as both demo accounts
          </Button>
          <Failure error={enter.error} />
        </div>
      )}
      <section aria-label="The machine">
        <Group justify="space-between" mb="xs">
          <Title order={3} fz="md">
            The machine
          </Title>
          <SegmentedControl
            size="xs"
            aria-label="Which kind of deal"
            value={kind}
            onChange={(value) => setKind(value as Kind)}
            data={[
              { value: 'campaign', label: 'From a campaign' },
              { value: 'bid', label: 'From a bid' },
            ]}
          />
        </Group>
        <Failure error={flow.error} onRetry={() => void flow.refetch()} />
        {flow.data && <Picture flow={flow.data} kind={kind} state={null} steps={[]} />}
      </section>
    </Stack>
  );
}
