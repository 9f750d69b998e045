import { Text } from '@mantine/core';
import type { Case } from '../case/queries.ts';
import { Countdown, useNow } from './Countdown.tsx';
import classes from './Instants.module.css';

type Instant = Case['instants'][number];

/** What time will do next, counting down, and then what comes after it; what has passed is said to have. */
export function Instants({ instants, since }: { instants: readonly Instant[]; since: string }) {
  const now = useNow();
  const next = instants.find(({ at }) => Date.parse(at) > now) ?? instants.at(-1);
  if (!next) return null;
  const others = instants.filter((each) => each !== next);
  return (
    <div className={classes.instants}>
      <Text size="xs" c="dimmed">
        {next.name === 'ends' ? next.label : `${next.label} in`}
      </Text>
      <Countdown deadline={next.at} since={since} />
      {others.map(({ name, label, at }) => (
        <Text key={name} size="xs" c="dimmed" mt={2} data-instant={name}>
          {name === 'ends' ? 'It ends' : label}:{' '}
          <time dateTime={at}>{new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}</time>
        </Text>
      ))}
    </div>
  );
}
