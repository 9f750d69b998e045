import { Anchor, Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { FoundList, Wide } from '../door/FoundList.tsx';
import { useSignedIn } from '../session/signedIn.tsx';
import { formatSigned } from './amounts.ts';
import classes from './Ledger.module.css';
import { type Invoice, invoicesQuery } from './queries.ts';

/** Invoices that one issued or was billed for: of each deal that was released, and of each fee. */
export function Invoices() {
  const { session } = useSignedIn();
  const read = useInfiniteQuery(invoicesQuery(session));
  return (
    <section aria-label="Invoices">
      <FoundList
        read={read}
        what="the invoices"
        nothing="There is none yet: one is made of each deal that is released, and of each fee."
      >
        {(invoices) => (
          <Wide name="Your invoices">
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">Number</Table.Th>
                  <Table.Th scope="col">Issued</Table.Th>
                  <Table.Th scope="col">Of what</Table.Th>
                  <Table.Th scope="col">By and to</Table.Th>
                  <Table.Th scope="col" ta="right">
                    Total
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {invoices.map((invoice) => (
                  <Row key={invoice.id} invoice={invoice} />
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </FoundList>
    </section>
  );
}

function Row({ invoice: { id, name, kind, issued_at, issuer, billed, total, asset, lines } }: { invoice: Invoice }) {
  return (
    <Table.Tr data-invoice={kind}>
      <Table.Th scope="row" className={classes.amount}>
        <Anchor component={Link} href={`/app/money/invoices/${id}`} size="sm">
          {name}
        </Anchor>
      </Table.Th>
      <Table.Td>
        <time dateTime={issued_at}>{new Date(issued_at).toLocaleDateString()}</time>
      </Table.Td>
      <Table.Td>{lines.map(({ text }) => text).join(', ')}</Table.Td>
      <Table.Td>
        {issuer.handle ?? 'Tandem'} to {billed.handle}
      </Table.Td>
      <Table.Td ta="right" className={classes.amount}>
        {formatSigned(total, asset, '')}
      </Table.Td>
    </Table.Tr>
  );
}
