import { Group, SegmentedControl, Title } from '@mantine/core';
import { useState } from 'react';
import { useMachine } from '../case/CaseBoard.tsx';
import { ReadFailure } from '../client/Failure.tsx';
import { Picture } from '../machine/Picture.tsx';

const WAYS = [
  { value: 'deal campaign', label: 'Deal from a campaign' },
  { value: 'deal bid', label: 'Deal from a bid' },
  { value: 'trade', label: 'Trade' },
  { value: 'payout direct', label: 'Payout' },
];

/** The machines to look at, before anything is open. */
export default function Machines() {
  const [way, setWay] = useState('deal campaign');
  const [kind = '', variant = null] = way.split(' ');
  const { machine, error, refetch } = useMachine(kind);
  return (
    <section aria-label="The machine">
      <Group justify="space-between" mb="xs">
        <Title order={3} fz="md">
          The machine
        </Title>
        <SegmentedControl size="xs" aria-label="Which machine" value={way} onChange={setWay} data={WAYS} />
      </Group>
      <ReadFailure error={error} onRetry={() => void refetch()} />
      {machine && <Picture machine={machine} variant={variant} state={null} steps={[]} />}
    </section>
  );
}
