import { Alert, Text } from '@mantine/core';
import { notifyManager, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useSyncExternalStore } from 'react';
import { refusalOf } from 'tandem-client';
import { readyQuery, withoutPart } from './parts.ts';

const OutageContext = createContext(false);

/** Knows whether anything that is read did not come because nobody answered, or a part is away. */
export function OutageProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient().getQueryCache();
  const away = useSyncExternalStore(
    (onChange) => cache.subscribe(notifyManager.batchCalls(onChange)),
    () => cache.findAll({ type: 'active' }).some(({ state: { error } }) => error !== null && isOutage(error)),
  );
  return <OutageContext value={away}>{children}</OutageContext>;
}

/** Whether it is for the one banner to say. */
export function isOutage(error: unknown): boolean {
  const { status } = refusalOf(error);
  return status === 0 || status >= 500;
}

export function useOutage(): boolean {
  return use(OutageContext);
}

/** So often it is asked whether something waits, in ms. */
const LOOK = 10_000;

/** Said once for the whole page: that nothing could be read, or that what follows from a click waits. */
export function OutageBanner() {
  const away = useOutage();
  const waits = useQuery(readyQuery(LOOK)).data?.degraded.find((part) => WAITS.has(part));
  if (!away) return waits ? <Waiting part={waits} /> : null;
  return (
    <Alert color="orange" variant="light" role="status" p="xs" mx="sm" mb="xs" data-outage>
      <Text size="sm">
        Tandem cannot be reached just now. What you see is as it was; the page goes on by itself when it is back, and
        nothing was lost.
      </Text>
    </Alert>
  );
}

/** Without these clicks are answered, and nothing that was promised is carried out. */
const WAITS = new Set(['worker', 'relay', 'temporal']);

function Waiting({ part }: { part: string }) {
  return (
    <Alert color="orange" variant="light" role="status" p="xs" mx="sm" mb="xs" data-waiting={part}>
      <Text size="sm">{withoutPart(part)}</Text>
    </Alert>
  );
}
