import { Text } from '@mantine/core';
import { roleWords } from '../machine/words.ts';
import { Links } from '../talk/Links.tsx';
import classes from './History.module.css';
import type { Case } from './queries.ts';

/** Every step, one row each: who, what, and what was written with it. */
export function History({ seen }: { seen: Case }) {
  const handleOf = (role: string) => seen.parties.find((party) => party.role === role)?.handle;
  if (seen.history.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing has happened yet.
      </Text>
    );
  }
  return (
    <ol className={classes.history} aria-label="History">
      {seen.history.map(({ n, at, by, sentence, text, links }) => (
        <li key={n}>
          <Text size="sm">
            {sentence} <span className={classes.by}>{handleOf(by) ?? roleWords(by)}</span>
          </Text>
          {text && (
            <Text size="sm" className={classes.text}>
              <Links text={text} />
            </Text>
          )}
          {links
            .filter((link) => !text?.includes(link))
            .map((link) => (
              <Text key={link} size="sm">
                <Links text={link} />
              </Text>
            ))}
          <Text component="time" dateTime={at} size="xs" c="dimmed">
            {new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}
          </Text>
        </li>
      ))}
    </ol>
  );
}
