import { Button } from '@mantine/core';

type Read = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

/** The next page of a list, where there is one. */
export function More({ read: { hasNextPage, isFetchingNextPage, fetchNextPage } }: { read: Read }) {
  if (!hasNextPage) return null;
  return (
    <Button
      variant="default"
      size="xs"
      mt="sm"
      w="fit-content"
      loading={isFetchingNextPage}
      onClick={() => void fetchNextPage()}
    >
      More
    </Button>
  );
}
