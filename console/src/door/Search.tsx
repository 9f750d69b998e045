import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';

/** Long enough after the last key to be meant, in ms. */
const PAUSE = 250;

type SearchProps = { q: string; placeholder: string; onSearch: (q: string) => void };

/** What is looked for, once it is typed. */
export function Search({ q, placeholder, onSearch }: SearchProps) {
  const [text, setText] = useState(q);
  const [settled] = useDebouncedValue(text.trim(), PAUSE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is searched for
  useEffect(() => {
    if (settled !== q) onSearch(settled);
  }, [settled]);
  return (
    <TextInput
      type="search"
      label="Search"
      placeholder={placeholder}
      flex="1 1 14rem"
      value={text}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
    />
  );
}
