import { Stack, Title } from '@mantine/core';
import { CaseList } from '../case/CaseList.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { Told } from './Told.tsx';
import { Unread } from './Unread.tsx';

/** What waits for one: whose turn it is first, then what was said and not read, then what one was told. */
export default function Inbox() {
  useTitle('Inbox');
  const { session } = useSignedIn();
  return (
    <Stack gap="lg">
      <section aria-label="Your turn">
        <Title order={2} fz="lg" mb="xs">
          Your turn
        </Title>
        <CaseList session={session} asked={{ view: 'needs_me', kind: '', q: '' }} nothing="Nothing needs you." />
      </section>
      <Unread />
      <Told />
    </Stack>
  );
}
