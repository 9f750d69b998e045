import { Badge, Card, Group, Loader, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { Bars } from '../chart/Bars.tsx';
import { ReadFailure } from '../client/Failure.tsx';
import { words } from '../machine/words.ts';
import { formatAmount } from '../money/amounts.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { ChangeRule } from './ChangeRule.tsx';
import { type Action, mintedQuery, type Rule, rulesQuery, versionsQuery } from './queries.ts';

/** What is rewarded and how much: what it all comes to, the rules in force, and every version of the chosen one. */
export function Rules() {
  const { session } = useSignedIn();
  const [params, setParams] = useSearchParams();
  const { data, error, isPending, refetch } = useQuery(rulesQuery(session));
  const chosen = data?.find(({ action }) => action === params.get('rule')) ?? data?.[0];
  return (
    <Stack gap="md">
      <Minted />
      {isPending && <Loader m="auto" aria-label="Reading the rules" />}
      <ReadFailure error={error} onRetry={() => void refetch()} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        <section aria-label="Rules in force">
          <Title order={2} fz="lg" mb="xs">
            Rules in force
          </Title>
          <Stack gap="xs">
            {data?.map((rule) => (
              <RuleCard
                key={rule.action}
                rule={rule}
                open={rule.action === chosen?.action}
                onOpen={() => setParams({ part: 'points', rule: rule.action }, { replace: true })}
              />
            ))}
          </Stack>
        </section>
        {chosen && <OneRule key={chosen.action} rule={chosen} />}
      </SimpleGrid>
    </Stack>
  );
}

function RuleCard({ rule, open, onOpen }: { rule: Rule; open: boolean; onOpen: () => void }) {
  return (
    <Card
      withBorder
      padding="xs"
      component="button"
      type="button"
      ta="start"
      onClick={onOpen}
      aria-pressed={open}
      data-rule={rule.action}
      style={open ? { borderColor: 'var(--brand-fill)' } : {}}
    >
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="sm" fw={600} component="span">
          {words(rule.action)}
        </Text>
        <Text size="sm" component="span">
          {rule.enabled ? formatAmount(rule.points, 'LYK') : 'off'}
        </Text>
      </Group>
      <Text size="xs" c="dimmed" component="span">
        {needsOf(rule)}
      </Text>
    </Card>
  );
}

const PER: Record<Rule['per'], string> = {
  target: 'once for each',
  target_day: 'once a day for each',
  none: 'each time',
};

function needsOf({ needs, per, daily_cap, version }: Rule): string {
  const { following, followers } = needs;
  return [
    `version ${version}`,
    PER[per],
    following === null ? null : `of who follows ${following}`,
    followers === null ? null : `of who has ${followers} followers`,
    daily_cap === null ? null : `at most ${Number(daily_cap)} a day`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

function OneRule({ rule }: { rule: Rule }) {
  const { session } = useSignedIn();
  const { data, error, refetch } = useQuery(versionsQuery(session, rule.action as Action));
  return (
    <section aria-label={`${words(rule.action)}: its history`}>
      <Title order={2} fz="lg" mb="xs">
        {words(rule.action)}
      </Title>
      <ChangeRule rule={rule} />
      <Title order={3} fz="md" mt="md" mb="xs">
        Versions
      </Title>
      <ReadFailure error={error} onRetry={() => void refetch()} />
      <Stack gap="xs">
        {data?.map((version) => (
          <Card
            key={version.version}
            withBorder
            padding="xs"
            component="article"
            aria-label={`Version ${version.version}`}
          >
            <Group justify="space-between" gap="xs">
              <Group gap="xs">
                <Text size="sm" fw={600}>
                  {version.enabled ? formatAmount(version.points, 'LYK') : 'Off'}
                </Text>
                {version.version === rule.version && (
                  <Badge size="xs" variant="light">
                    in force
                  </Badge>
                )}
              </Group>
              <Text component="time" dateTime={version.effective_from} size="xs" c="dimmed">
                {new Date(version.effective_from).toLocaleString()}
              </Text>
            </Group>
            <Text size="sm">{version.reason ?? 'As it began.'}</Text>
            <Text size="xs" c="dimmed">
              {needsOf(version)}
            </Text>
          </Card>
        ))}
      </Stack>
    </section>
  );
}

function Minted() {
  const { session } = useSignedIn();
  const { data } = useQuery(mintedQuery(session));
  if (!data) return null;
  const days = new Map<string, number>();
  for (const { day, outcome, points } of data.outcomes)
    if (outcome === 'granted') days.set(day, (days.get(day) ?? 0) + Number(points));
  const bars = [...days].sort().map(([day, points]) => ({ label: day, value: points, said: `${day}: ${points} LYK` }));
  const { budget } = data;
  return (
    <Group align="start" grow>
      <Card withBorder padding="sm">
        <Text size="xs" c="dimmed">
          Given in 30 days
        </Text>
        <Text fw={650} fz="lg">
          {formatAmount(data.minted, 'LYK')}
        </Text>
        {budget.daily !== null && (
          <Text size="xs" c="dimmed">
            {formatAmount(budget.left ?? '0', 'LYK')} of {formatAmount(budget.daily, 'LYK')} are left of today
          </Text>
        )}
      </Card>
      {bars.length > 0 && <Bars name="Given by day, LYK" bars={bars} height={70} />}
    </Group>
  );
}
