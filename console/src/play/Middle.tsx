import { Button, Loader, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useSeenCase } from '../case/useSeenCase.ts';
import { Failure } from '../client/Failure.tsx';
import { useOpenCase } from '../door/where.ts';
import { useDemo } from '../session/demo.ts';
import { useSeats } from '../session/seats.tsx';
import { Anew } from './Anew.tsx';
import { Break } from './Break.tsx';
import { Bring } from './Bring.tsx';
import { Clock } from './Clock.tsx';

/** What is looked at comes when there is something to look at. */
const CaseBoard = lazy(() => import('../case/CaseBoard.tsx').then((file) => ({ default: file.CaseBoard })));
const Machines = lazy(() => import('./Machines.tsx'));

/** Between the two sides: what they share, and the sandbox's own doings. */
export function Middle() {
  const id = useOpenCase();
  const seen = useSeenCase(id);
  if (!id || !seen) return <Nothing />;
  return (
    <>
      <Clock key={id} session={seen.session} seen={seen.seen} />
      <Suspense fallback={<Loader m="auto" aria-label="Reading the case" />}>
        <CaseBoard session={seen.session} seen={seen.seen} />
      </Suspense>
      <Break />
    </>
  );
}

/** Before anything is open: what to do, and the machines to look at. */
function Nothing() {
  const { sessions, signIn } = useSeats();
  const demo = useDemo();
  const away = (demo.data?.accounts ?? []).filter(({ role }) => !sessions[role]);
  const enter = useMutation({
    mutationFn: () => Promise.all(away.map(({ role, handle, password }) => signIn(role, handle, password))),
  });
  return (
    <Stack gap="md" p="md">
      <div>
        <Title order={2} fz="xl">
          Try both sides
        </Title>
        <Text c="dimmed" size="sm" mt={4}>
          On the left sits a brand owner, on the right an influencer; what one does, the other sees at once. Post a
          campaign or a bid and answer it from the other side, or have a deal or a trade brought to where you want it.
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
      {sessions.brand_owner && sessions.influencer && (
        <>
          <Bring left={sessions.brand_owner} right={sessions.influencer} />
          <Anew />
        </>
      )}
      <Suspense>
        <Machines />
      </Suspense>
      <Break />
    </Stack>
  );
}
