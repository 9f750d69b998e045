/** A matrix of which hardly anything is not zero, by rows (CSR). */
export type Sparse = {
  rows: number;
  columns: number;
  /** Where each row begins in the two that follow; one more than there are rows. */
  offsets: Uint32Array;
  indices: Uint32Array;
  values: Float32Array;
};

/** What one says of another, as columns: 16 bytes an entry, whatever there is. */
export type Entries = { rows: ArrayLike<number>; columns: ArrayLike<number>; values: ArrayLike<number>; size: number };

/** Entries of one place are summed. */
export function sparseOf({ rows, columns, values, size }: Entries, height: number, width: number): Sparse {
  const offsets = new Uint32Array(height + 1);
  for (let at = 0; at < size; at += 1)
    offsets[(rows[at] as number) + 1] = (offsets[(rows[at] as number) + 1] as number) + 1;
  for (let row = 0; row < height; row += 1) offsets[row + 1] = (offsets[row + 1] as number) + (offsets[row] as number);
  const indices = new Uint32Array(size);
  const kept = new Float32Array(size);
  const next = offsets.slice(0, height);
  for (let at = 0; at < size; at += 1) {
    const row = rows[at] as number;
    const to = next[row] as number;
    next[row] = to + 1;
    indices[to] = columns[at] as number;
    kept[to] = values[at] as number;
  }
  return summed({ rows: height, columns: width, offsets, indices, values: kept });
}

/** The same with one entry a place. */
function summed(given: Sparse): Sparse {
  const { rows, columns, offsets, indices, values } = given;
  const seenAt = new Int32Array(columns).fill(-1);
  const begins = new Uint32Array(rows + 1);
  let to = 0;
  for (let row = 0; row < rows; row += 1) {
    const from = to;
    for (let at = offsets[row] as number; at < (offsets[row + 1] as number); at += 1) {
      const column = indices[at] as number;
      const seen = seenAt[column] as number;
      if (seen >= from) {
        values[seen] = (values[seen] as number) + (values[at] as number);
        continue;
      }
      indices[to] = column;
      values[to] = values[at] as number;
      seenAt[column] = to;
      to += 1;
    }
    begins[row + 1] = to;
  }
  return { rows, columns, offsets: begins, indices: indices.slice(0, to), values: values.slice(0, to) };
}

/** Columns as rows. */
export function transpose({ rows, columns, offsets, indices, values }: Sparse): Sparse {
  const of = new Uint32Array(indices.length);
  for (let row = 0; row < rows; row += 1) of.fill(row, offsets[row], offsets[row + 1]);
  return sparseOf({ rows: indices, columns: of, values, size: indices.length }, columns, rows);
}
