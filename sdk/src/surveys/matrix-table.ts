import { el, newId } from './dom.ts';
import type { Draw } from './kit.ts';
import { dot, grid } from './matrix.ts';

/** As a table, for pages with room; the popover never has it, and so does not carry this. */
export const matrixTable: Draw<'matrix'> = (kit) => {
  const columns = kit.question.columns.map((column) => ({ ...column, head: newId() }));
  return grid(kit, (rows) => {
    const heads = columns.map(({ head, label }) => el('th', { scope: 'col', id: head }, kit.text(label)));
    const lines = rows.map(({ label, cell }) => {
      const id = newId();
      const cells = columns.map((column) =>
        el('td', '', el('label', '', cell(column.id, `${id} ${column.head}`), dot())),
      );
      return el('tr', '', el('th', { scope: 'row', id }, kit.text(label)), ...cells);
    });
    return el(
      'table',
      { 'aria-labelledby': kit.labelledBy, 'aria-describedby': kit.describedBy },
      el('thead', '', el('tr', '', el('td'), ...heads)),
      el('tbody', '', ...lines),
    );
  });
};
