import { median } from '../funnels/numbers.ts';
import { type Block, wholes } from '../walk/native.ts';
import type { RowWalk, RowWalker } from '../walk/walk.ts';
import type { FormsPart } from './schema.ts';

/** Forms, and fields of one, that are told apart; more are not counted. */
const FORMS_APART = 2000;
const FIELDS_APART = 200;
const FORMS_SHOWN = 100;
const NAME_CHARACTERS = 500;
/** Longer in one field is an open page, not filling in. */
const LONGEST_MS = 3_600_000;

export interface FormsOptions {
  form: string | null;
  collect?: { part: FormsPart; after: number; limit: number };
}

export interface FormCounts {
  form: string;
  uses: number;
  people: number;
  submitted: number;
}

export interface FieldCounts {
  field: string;
  uses: number;
  people: number;
  medianMs: number | null;
  refilled: number;
  abandoned: number;
  place: number;
}

export interface FormsCounts {
  forms: FormCounts[];
  chosen: (FormCounts & { medianMs: number | null; fields: FieldCounts[] }) | null;
  formsLeft: boolean;
  collected: number[];
}

export const formsWalk: RowWalk<FormsOptions, FormsCounts> = { begin: (options) => new FormsWalker(options) };

interface Field extends Omit<FieldCounts, 'medianMs' | 'place'> {
  last: number;
  times: number[];
  places: number;
}
interface Form extends FormCounts {
  last: number;
  times: number[];
  fields: Map<string, Field>;
}

class FormsWalker implements RowWalker<FormsCounts> {
  readonly #options: FormsOptions;
  readonly #forms = new Map<string, Form>();
  readonly #collected = new Set<number>();
  #left = false;

  constructor(options: FormsOptions) {
    this.#options = options;
  }

  block({ rows, columns }: Block): void {
    const ids = columns.get('id');
    if (ids?.is !== 'numbers') throw new Error('There is no id.');
    const idOf = ids.values instanceof BigUint64Array ? wholes(ids.values) : ids.values;
    const texts = (name: string) => {
      const column = columns.get(name);
      if (column?.is !== 'texts') throw new Error(`There is no ${name}.`);
      return column.values;
    };
    const [forms, submitted, last] = [texts('form'), texts('submitted'), texts('lastField')];
    const [fields, times, refills] = [texts('fields'), texts('times'), texts('refills')];
    for (let row = 0; row < rows; row++) {
      const form = this.#form(forms[row]!);
      if (!form) continue;
      const names = listOf(fields[row]!);
      const use = { person: idOf[row]!, submitted: submitted[row] === 'true', last: last[row]! };
      this.#use(form, use, names, listOf(times[row]!), listOf(refills[row]!));
    }
  }

  #form(name: string): Form | null {
    const known = this.#forms.get(name);
    if (known) return known;
    if (name === '' || name.length > NAME_CHARACTERS) return null;
    if (this.#forms.size >= FORMS_APART) {
      this.#left = true;
      return null;
    }
    const form: Form = { form: name, uses: 0, people: 0, submitted: 0, last: -1, times: [], fields: new Map() };
    this.#forms.set(name, form);
    return form;
  }

  #use(
    form: Form,
    use: { person: number; submitted: boolean; last: string },
    names: readonly unknown[],
    times: readonly unknown[],
    refills: readonly unknown[],
  ): void {
    const { person } = use;
    form.uses++;
    if (use.submitted) form.submitted++;
    if (form.last !== person) form.people++;
    form.last = person;
    const seen = new Set<string>();
    let whole = 0;
    for (const [index, name] of names.entries()) {
      const field = typeof name === 'string' && !seen.has(name) ? this.#field(form, name) : null;
      if (!field) continue;
      seen.add(field.field);
      field.uses++;
      if (field.last !== person) field.people++;
      field.last = person;
      field.places += seen.size;
      const time = Number(times[index]);
      if (time > 0) {
        field.times.push(Math.min(LONGEST_MS, time));
        whole += Math.min(LONGEST_MS, time);
      }
      if (Number(refills[index]) > 0) field.refilled++;
      if (!use.submitted && use.last === field.field) field.abandoned++;
    }
    if (whole > 0) form.times.push(whole);
    this.#collect(form, use, seen);
  }

  #field(form: Form, name: string): Field | null {
    const known = form.fields.get(name);
    if (known) return known;
    if (name === '' || name.length > NAME_CHARACTERS || form.fields.size >= FIELDS_APART) return null;
    const field = { field: name, uses: 0, people: 0, refilled: 0, abandoned: 0, last: -1, times: [], places: 0 };
    form.fields.set(name, field);
    return field;
  }

  #collect(form: Form, use: { person: number; submitted: boolean; last: string }, seen: ReadonlySet<string>): void {
    const { collect } = this.#options;
    if (!collect || use.person <= collect.after || form.form !== collect.part.form) return;
    const { field, outcome } = collect.part;
    if (outcome !== undefined && use.submitted !== (outcome === 'submitted')) return;
    if (field !== undefined && !seen.has(field)) return;
    // Leaving a field is leaving the form there.
    if (field !== undefined && outcome === 'abandoned' && use.last !== field) return;
    this.#collected.add(use.person);
  }

  result(): FormsCounts {
    const forms = [...this.#forms.values()]
      .filter((form) => form.uses > 0)
      .sort((a, b) => b.uses - a.uses || (a.form < b.form ? -1 : 1));
    const { form, collect } = this.#options;
    const chosen = form === null ? forms[0] : forms.find((one) => one.form === form);
    const counts = ({ form, uses, people, submitted }: Form) => ({ form, uses, people, submitted });
    return {
      forms: forms.slice(0, FORMS_SHOWN).map(counts),
      formsLeft: this.#left || forms.length > FORMS_SHOWN,
      chosen: chosen
        ? {
            ...counts(chosen),
            medianMs: median(Float64Array.from(chosen.times)),
            fields: [...chosen.fields.values()]
              .map(({ field, uses, people, refilled, abandoned, times, places }) => ({
                ...{ field, uses, people, refilled, abandoned },
                medianMs: median(Float64Array.from(times)),
                place: places / uses,
              }))
              .sort((a, b) => a.place - b.place || b.uses - a.uses || (a.field < b.field ? -1 : 1)),
          }
        : null,
      collected: [...this.#collected].sort((a, b) => a - b).slice(0, collect?.limit ?? 0),
    };
  }
}

/** The items of a JSON list; none of what is no list. */
function listOf(text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
