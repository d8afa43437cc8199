import type { ComponentChildren } from 'preact';

export interface TableColumn<T> {
  readonly title: string;
  readonly right?: boolean;
  /** Takes what room is left and is cut at the end of the line. */
  readonly cut?: boolean;
  /** Left out where there is little room: what it says is also said elsewhere. */
  readonly wide?: boolean;
  /** The title is for screen readers alone: a column of buttons. */
  readonly quiet?: boolean;
  readonly cell: (row: T) => ComponentChildren;
}

export interface TableProps<T> {
  /** Says what is in the table; read out, not shown. */
  readonly caption: string;
  readonly columns: readonly TableColumn<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string | number;
  readonly onRow?: (row: T) => void;
  readonly isSelected?: (row: T) => boolean;
}

/**
 * A table; on a phone each row is a card, with the titles before the values. Roles are said, because an element that is
 * laid out otherwise loses its own in some browsers.
 */
export function Table<T>({ caption, columns, rows, keyOf, onRow, isSelected }: TableProps<T>) {
  const isCut = columns.some(({ cut = false }) => cut);
  return (
    // Scrollable, so it must be reachable by keyboard.
    <div class="table-scroll" role="group" aria-label={caption} tabIndex={0}>
      <table role="table" class={isCut ? 'lines' : 'cards'}>
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ title, right = false, quiet = false, wide = false }) => (
              <th
                key={title}
                role="columnheader"
                scope="col"
                class={`${right ? 'right' : ''} ${wide ? 'wide' : ''}`}
              >
                {quiet ? <span class="visually-hidden">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              role="row"
              class={onRow === undefined ? undefined : 'clickable'}
              data-selected={isSelected?.(row) === true ? '' : undefined}
              onClick={(click) => {
                // A button or link inside does what it says.
                if ((click.target as Element).closest('button, a, input') === null) onRow?.(row);
              }}
            >
              {columns.map(({ title, right = false, cut = false, wide = false, quiet = false, cell }) => (
                <td
                  key={title}
                  role="cell"
                  data-title={quiet || isCut ? undefined : title}
                  class={`${right ? 'right nowrap' : cut ? 'cut' : ''} ${wide ? 'wide' : ''}`}
                >
                  {isCut ? cell(row) : <div>{cell(row)}</div>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
