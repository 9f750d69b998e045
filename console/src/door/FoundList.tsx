import { Loader, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ReadFailure } from '../client/Failure.tsx';
import classes from './FoundList.module.css';
import { More } from './More.tsx';

type Pages<Item> = { pages: readonly { data: readonly Item[] }[] };
type Read<Item> = Parameters<typeof More>[0]['read'] & {
  data: Pages<Item> | undefined;
  error: Error | null;
  isPending: boolean;
  refetch: () => Promise<unknown>;
};

type FoundListProps<Item> = {
  read: Read<Item>;
  /** What is read, for who does not see that it is: "the accounts". */
  what: string;
  /** Said where there is none. */
  nothing: string;
  children: (found: readonly Item[]) => ReactNode;
};

/** What a search over pages found: that it is read, what there is, that there is nothing, and the way to more. */
export function FoundList<Item>({ read, what, nothing, children }: FoundListProps<Item>) {
  const found = read.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      {read.isPending && <Loader m="auto" aria-label={`Reading ${what}`} />}
      <ReadFailure error={read.error} onRetry={() => void read.refetch()} />
      {read.data && found.length === 0 && (
        <Text c="dimmed" size="sm">
          {nothing}
        </Text>
      )}
      {found.length > 0 && children(found)}
      <More read={read} />
    </>
  );
}

/** A table that may be wider than its place. */
export function Wide({ name, children }: { name: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={classes.wide} aria-label={name} tabIndex={0}>
      {children}
    </section>
  );
}
