import { Button, Group, NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { newIdempotencyKey } from 'tandem-client';
import type { Case } from '../case/queries.ts';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { closeCase } from '../door/where.ts';
import type { Session } from '../session/session.ts';
import classes from './Middle.module.css';

const ADVANCES = [
  { value: 'PT1H', label: '1 hour' },
  { value: 'P1D', label: '1 day' },
  { value: 'P7D', label: '7 days' },
  { value: 'P14D', label: '14 days' },
];

/** Time of this case alone, moved on; and starting over. */
export function Clock({ session, seen }: { session: Session; seen: Case }) {
  const queries = useQueryClient();
  const [advance, setAdvance] = useState('P1D');
  const move = useOneAtATime({
    mutationFn: (body: { advance: string; key: string }) =>
      session.tandem.sandbox.moveClock(seen.id, { advance: body.advance }, { idempotencyKey: body.key }),
    onSuccess: () => void queries.invalidateQueries(),
  });
  return (
    <section aria-label="The sandbox" className={classes.sandbox}>
      <Group gap="xs" wrap="wrap">
        {seen.deadline !== null && (
          <>
            <NativeSelect
              size="xs"
              aria-label="How far to move the clock"
              value={advance}
              onChange={({ currentTarget }) => setAdvance(currentTarget.value)}
              data={ADVANCES}
            />
            <Button
              size="xs"
              variant="default"
              loading={move.isPending}
              onClick={() => move.mutate({ advance, key: newIdempotencyKey() })}
            >
              Move its clock on
            </Button>
          </>
        )}
        <Button size="xs" variant="default" onClick={closeCase}>
          Start over
        </Button>
      </Group>
      <Failure error={move.error} onRetry={move.again} />
    </section>
  );
}
