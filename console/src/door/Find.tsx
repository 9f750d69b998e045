import { TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { navigate } from 'wouter/use-browser-location';

/** A search over everything of a door: Enter leads to what was found. */
export function Find({ at, placeholder }: { at: string; placeholder: string }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const q = String(new FormData(event.currentTarget).get('q')).trim();
    if (q) navigate(`${at}?q=${encodeURIComponent(q)}`);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: not every browser knows the element of that name
    <form role="search" onSubmit={submit} aria-label="Find anything">
      <TextInput name="q" type="search" size="xs" aria-label="Find" placeholder={placeholder} />
    </form>
  );
}
