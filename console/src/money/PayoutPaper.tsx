import { Alert, Anchor, Loader, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { Wide } from '../door/FoundList.tsx';
import { caseHref } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { formatSigned, sum } from './amounts.ts';
import classes from './Ledger.module.css';
import { Paper } from './Paper.tsx';
import papers from './Papers.module.css';
import { type PayoutStatement, payoutStatementQuery } from './queries.ts';

/** What a payout came to and was earned from, to be read and to be printed. */
export default function PayoutPaper() {
  const { id = '' } = useParams();
  const kind = useSearchParams()[0].get('kind') === 'came_back' ? 'came_back' : 'paid';
  const { session } = useSignedIn();
  const { data, error, refetch } = useQuery(payoutStatementQuery(session, id, kind));
  if (!data) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader m="auto" aria-label="Reading the statement" />
    );
  }
  return <Shown statement={data} />;
}

function Shown({ statement }: { statement: PayoutStatement }) {
  const { kind, payee, destination, issued_at, payout_id, asset, gross, fee, net, lines } = statement;
  const paid = kind === 'paid';
  const total = sum(lines.map(({ amount }) => amount));
  return (
    <Paper
      title={paid ? 'Statement of a payout' : 'Statement of a payout that came back'}
      back={{ href: '/app/money?part=payouts', text: 'All payouts' }}
    >
      <Text size="sm">
        To <strong>{payee.handle}</strong>, {destination}, on{' '}
        <time dateTime={issued_at}>{new Date(issued_at).toLocaleDateString([], { dateStyle: 'long' })}</time>:{' '}
        <Anchor component={Link} href={caseHref(payout_id)} size="sm" underline="always">
          its case
        </Anchor>
        .
      </Text>
      <Wide name="Lines of the payout">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">What</Table.Th>
              <Table.Th scope="col">When</Table.Th>
              <Table.Th scope="col" ta="right">
                Amount
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map(({ what, reason, text, source_id, from, until, amount }) => (
              <Table.Tr key={`${what} ${reason} ${source_id} ${from}`} data-line={amount}>
                <Table.Td>
                  {source_id ? (
                    <Anchor component={Link} href={caseHref(source_id)} size="sm">
                      {text}
                    </Anchor>
                  ) : (
                    text
                  )}
                </Table.Td>
                <Table.Td>{spanOf(from, until)}</Table.Td>
                <Table.Td ta="right" className={classes.amount}>
                  {formatSigned(amount, asset, '')}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Sum name={paid ? 'Left the wallet' : 'Back in the wallet'} amount={gross} asset={asset} />
            <Sum name="Fee" amount={fee} asset={asset} />
            <Sum
              name={paid ? 'Arrived: the sum of all lines' : 'Taken back: the sum of all lines'}
              amount={net}
              asset={asset}
              last
            />
          </Table.Tfoot>
        </Table>
      </Wide>
      {total !== net && (
        <Alert color="red" variant="light" role="alert">
          Its lines sum to {formatSigned(total, asset, '')}, and not to what arrived. Tell whoever runs this.
        </Alert>
      )}
    </Paper>
  );
}

function Sum({ name, amount, asset, last }: { name: string; amount: string; asset: string; last?: boolean }) {
  return (
    <Table.Tr className={last ? papers.sum : undefined}>
      <Table.Th scope="row" colSpan={2} fw={last ? 650 : 400}>
        {name}
      </Table.Th>
      <Table.Td ta="right" className={classes.amount} data-sum={last ? amount : undefined}>
        {formatSigned(amount, asset, '')}
      </Table.Td>
    </Table.Tr>
  );
}

/** One day, or the first and the last. */
function spanOf(from: string, until: string): string {
  const [first, last] = [from, until].map((at) => new Date(at).toLocaleDateString());
  return first === last ? `${first}` : `${first} to ${last}`;
}
