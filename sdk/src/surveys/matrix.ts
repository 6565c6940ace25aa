import { el, newId } from './dom.ts';
import { type Draw, type Field, type Kit, named } from './kit.ts';
import { type Option, optionsInOrder, type Question } from './model.ts';

type Matrix = Kit<Extract<Question, { kind: 'matrix' }>>;
/** A column's radio of a row; `label` are the ids of what names it, where no label is around it. */
export type Cell = (column: string, label?: string) => HTMLInputElement;

/** Rows with one of the columns chosen in each, laid out by `build`. */
export function grid(kit: Matrix, build: (rows: (Option & { cell: Cell })[]) => HTMLElement): Field {
  const given = (kit.given || {}) as Record<string, string>;
  const all: { row: string; input: HTMLInputElement }[] = [];
  const rows = optionsInOrder(kit.question, kit.seed).map((row) => {
    const name = newId();
    const cell: Cell = (value, label) => {
      const input = el('input', { type: 'radio', name, value, class: 'away', 'aria-labelledby': label });
      input.checked = given[row.id] === value;
      all.push({ row: row.id, input });
      return input;
    };
    return { ...row, cell };
  });
  const element = build(rows);
  element.addEventListener('change', () => kit.changed());
  return {
    element,
    value: () => {
      const chosen: Record<string, string> = {};
      for (const { row, input } of all) if (input.checked) chosen[row] = input.value;
      return all.some(({ input }) => input.checked) ? chosen : null;
    },
  };
}

export const dot = () => el('span', 'tick dot');

/** One row after another, for where there is no room for a table. */
export const matrix: Draw<'matrix'> = (kit) =>
  grid(kit, (rows) =>
    el(
      'div',
      { class: 'stack', ...named(kit, 'group') },
      ...rows.map(({ label, cell }) =>
        el(
          'fieldset',
          '',
          el('legend', '', kit.text(label)),
          ...kit.question.columns.map((column) =>
            el('label', 'option', cell(column.id), dot(), el('span', '', kit.text(column.label))),
          ),
        ),
      ),
    ),
  );
