import { Anchor, Text } from '@mantine/core';
import { Failure } from '../client/Failure.tsx';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import { SIDES, useSeats } from '../session/seats.tsx';

/** As the demo accounts, but with nothing behind them: a table at which nothing has happened yet. */
export function Anew() {
  const { register } = useSeats();
  const begin = useOneAtATime({
    mutationFn: async () => {
      const ending = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) =>
        byte.toString(16).padStart(2, '0'),
      );
      for (const side of SIDES) await register(side, `${side}_${ending.join('')}`, crypto.randomUUID(), side);
    },
  });
  return (
    <div>
      <Text size="sm" c="dimmed">
        Too much has happened here?{' '}
        <Anchor
          component="button"
          type="button"
          size="sm"
          disabled={begin.isPending}
          onClick={() => begin.mutate(undefined)}
        >
          Start over with two new people
        </Anchor>
      </Text>
      <Failure error={begin.error} onRetry={begin.again} />
    </div>
  );
}
