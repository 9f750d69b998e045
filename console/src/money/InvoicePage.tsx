import { Anchor, Loader, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'wouter';
import { ReadFailure } from '../client/Failure.tsx';
import { caseHref } from '../door/where.ts';
import { useSignedIn } from '../session/signedIn.tsx';
import { formatSigned } from './amounts.ts';
import classes from './Ledger.module.css';
import { Paper } from './Paper.tsx';
import papers from './Papers.module.css';
import { invoiceQuery } from './queries.ts';

/** One invoice, to be read and to be printed. */
export default function InvoicePage() {
  const { id = '' } = useParams();
  const { session } = useSignedIn();
  const { data, error, refetch } = useQuery(invoiceQuery(session, id));
  if (!data) {
    return error ? (
      <ReadFailure error={error} onRetry={() => void refetch()} />
    ) : (
      <Loader m="auto" aria-label="Reading the invoice" />
    );
  }
  const { name, issued_at, issuer, billed, asset, lines, total, corrects, process_id } = data;
  return (
    <Paper title={`Invoice ${name}`} back={{ href: '/app/money?part=invoices', text: 'All invoices' }}>
      <Text size="sm">
        Issued on <time dateTime={issued_at}>{new Date(issued_at).toLocaleDateString([], { dateStyle: 'long' })}</time>{' '}
        by <strong>{issuer.handle ?? 'Tandem'}</strong> to <strong>{billed.handle}</strong>, for{' '}
        <Anchor component={Link} href={caseHref(process_id)} size="sm" underline="always">
          this case
        </Anchor>
        .
      </Text>
      {corrects && (
        <Text size="sm">
          It takes back{' '}
          <Anchor component={Link} href={`/app/money/invoices/${corrects}`} size="sm" underline="always">
            another invoice
          </Anchor>
          .
        </Text>
      )}
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">What</Table.Th>
            <Table.Th scope="col" ta="right">
              Amount
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(({ text, amount }) => (
            <Table.Tr key={text}>
              <Table.Td>{text}</Table.Td>
              <Table.Td ta="right" className={classes.amount}>
                {formatSigned(amount, asset, '')}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr className={papers.sum}>
            <Table.Th scope="row">Total</Table.Th>
            <Table.Td ta="right" className={classes.amount} data-total={total}>
              {formatSigned(total, asset, '')}
            </Table.Td>
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </Paper>
  );
}
