import type { Interval } from '../wilson.ts';

export interface FormField {
  field: string;
  /** Uses of the form in which it was filled in, and their share of all uses. */
  uses: number;
  share: number;
  people: number;
  /** Of the time in it, in seconds; null where none was told. */
  medianSeconds: number | null;
  /** Uses in which it was gone back to and changed. */
  refilled: number;
  /** Uses that ended here without being sent off, of those in which it was used. */
  abandoned: number;
  abandonedShare: Interval | null;
  /** Its mean place in the order in which the fields were used, from 1. */
  place: number;
}

export interface FormsResult {
  /** The most used first. A use is one form on one page view. */
  forms: { form: string; uses: number; people: number; submitted: number; abandoned: number }[];
  /** The form whose fields these are, in the order in which they are used; null where there is none. */
  form: string | null;
  uses: number;
  people: number;
  submitted: number;
  submittedShare: Interval | null;
  medianSeconds: number | null;
  fields: FormField[];
}
