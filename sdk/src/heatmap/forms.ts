import { attribute, isIgnored } from '../describe.ts';
import type { Throughline } from '../types.ts';
import { selectorOf } from './elements.ts';
import type { Page } from './view.ts';

const FIELDS_A_FORM = 50;
const FORMS_A_PAGE = 20;
/** What somebody fills in; a button is no field. */
const FIELD =
  'input:not([type=submit]):not([type=button]):not([type=image]):not([type=reset]):not([type=hidden]),select,textarea';

type Field = HTMLInputElement;
interface Use {
  submitted: boolean;
  last: string;
  /** Of each field in the order of first use: its name, milliseconds in it, and how often it was changed again. */
  names: string[];
  times: number[];
  refills: number[];
}

/** How the forms of one page are filled in: names of fields and times, never what is in them. */
export class Forms {
  #uses = new Map<HTMLFormElement, Use>();
  #field: Field | undefined;
  #since = 0;
  #changed = false;

  /** A field was gone into. */
  entered(target: Element): void {
    this.left();
    if (!target.matches?.(FIELD) || isIgnored(target) || !(target as Field).form) return;
    this.#field = target as Field;
    this.#since = performance.now();
    this.#changed = false;
  }

  /** Something was changed in a field. */
  changed(target: Element): void {
    if (target !== this.#field) this.entered(target);
    const field = this.#field;
    if (!field?.form) return;
    let use = this.#uses.get(field.form);
    if (!use) {
      if (this.#uses.size >= FORMS_A_PAGE) return;
      use = { submitted: false, last: '', names: [], times: [], refills: [] };
      this.#uses.set(field.form, use);
    }
    const name = nameOf(field);
    let place = use.names.indexOf(name);
    if (place < 0) {
      if (use.names.length >= FIELDS_A_FORM) return;
      place = use.names.push(name) - 1;
      use.times[place] = use.refills[place] = 0;
    } else if (!this.#changed) use.refills[place]!++;
    this.#changed = true;
    use.last = name;
  }

  /** The field was gone out of: its time counts where anything was ever changed in it. */
  left(): void {
    const field = this.#field;
    this.#field = undefined;
    const use = field?.form && this.#uses.get(field.form);
    const place = use ? use.names.indexOf(nameOf(field)) : -1;
    if (place >= 0) use!.times[place]! += Math.round(performance.now() - this.#since);
  }

  submitted(form: HTMLFormElement): void {
    const use = this.#uses.get(form);
    if (use) use.submitted = true;
  }

  /** Sends what was done; of forms that may still be filled in only at the end of the view. */
  send(sdk: Throughline, page: Page, ends: boolean): void {
    this.left();
    this.#uses.forEach(({ submitted, last, names, times, refills }, form) => {
      if (!submitted && !ends) return;
      this.#uses.delete(form);
      sdk.track(
        'Form Used',
        {
          form: attribute(form, 'id') || attribute(form, 'name') || attribute(form, 'aria-label') || selectorOf(form),
          path: page.path,
          submitted,
          abandoned: !submitted,
          fields: names,
          times,
          refills,
          lastField: last,
        },
        { context: { page } },
      );
    });
  }
}

const nameOf = (field: Field) =>
  attribute(field, 'name') || attribute(field, 'id') || attribute(field, 'aria-label') || selectorOf(field);
