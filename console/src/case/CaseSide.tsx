import { ActionIcon, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { refusalOf } from 'tandem-client';
import { ReadFailure } from '../client/Failure.tsx';
import { closeCase } from '../door/where.ts';
import { BackIcon } from '../icons.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import { Conversation } from '../talk/Conversation.tsx';
import { Actions } from './Actions.tsx';
import { CaseBadge } from './CaseBadge.tsx';
import classes from './CaseSide.module.css';
import { History } from './History.tsx';
import { type Case, caseQuery } from './queries.ts';

/** A case as one side sees it; `otherwise` where it is not this account's. */
export function CaseSide({ id, shown, otherwise }: { id: string; shown: boolean; otherwise: ReactNode }) {
  const { session } = useSignedIn();
  const { data, error, isPending, refetch } = useQuery(caseQuery(session, id));
  if (data) return <Opened seen={data} shown={shown} />;
  if (isPending) return <Loader m="auto" aria-label="Reading the case" />;
  if (refusalOf(error).status === 404) return otherwise;
  return (
    <Stack p="md">
      <ReadFailure error={error} onRetry={() => void refetch()} />
    </Stack>
  );
}

function Opened({ seen, shown }: { seen: Case; shown: boolean }) {
  const { session } = useSignedIn();
  const actions = <Actions session={session} seen={seen} />;
  return (
    <>
      <Group px="sm" py={6} gap="xs" wrap="nowrap" style={{ borderBottom: '1px solid var(--line)' }}>
        <ActionIcon variant="subtle" color="gray" aria-label="Back to the list" onClick={closeCase}>
          <BackIcon />
        </ActionIcon>
        <Title order={3} fz="sm" lineClamp={1} flex={1} miw={0} title={seen.title} style={{ wordBreak: 'break-all' }}>
          {seen.title}
        </Title>
        <CaseBadge seen={seen} />
      </Group>
      {seen.links.conversation ? (
        <Conversation id={seen.id} shown={shown} actions={actions} />
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
          <div className={classes.scroll} role="log" aria-label="What happened" tabIndex={0}>
            <Facts facts={seen.facts} />
            <History seen={seen} />
          </div>
          {actions}
        </>
      )}
    </>
  );
}

/** What there is to know of a case. */
export function Facts({ facts }: { facts: Case['facts'] }) {
  if (facts.length === 0) return null;
  return (
    <dl className={classes.facts}>
      {facts.map(({ label, text }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <Text component="span" size="sm" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
              {text}
            </Text>
          </dd>
        </div>
      ))}
    </dl>
  );
}
