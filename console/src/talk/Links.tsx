import { Anchor } from '@mantine/core';

/** A text whose addresses can be opened. */
export function Links({ text }: { text: string }) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) =>
    /^https?:\/\//.test(part) ? (
      <Anchor
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text stay where they are
        key={index}
        href={part}
        target="_blank"
        rel="noopener noreferrer"
        inherit
        c="inherit"
        underline="always"
      >
        {part}
      </Anchor>
    ) : (
      part
    ),
  );
}
