/** What the returning events of a period amount to, in one currency. */
export interface RetentionValue {
  /** ISO 4217 where the value is revenue, in its minor unit; otherwise null. */
  currency: string | null;
  value: number | null;
  /** Of a sum: of what it was in period 0 of the same people. */
  share: number | null;
}

export interface RetentionPeriod {
  /** Those who came back. */
  people: number;
  /** Those who could have: the cohort, or of a breakdown and the total those whose period is over. */
  of: number;
  share: number | null;
  /** Whether the period is over for everybody in the cohort. */
  complete: boolean;
  values?: RetentionValue[];
}

export interface RetentionCohort {
  /** What names it in a part: its label, or the breakdown's value; null for the rest of a breakdown. */
  key: string | null;
  label: string | null;
  /** From the first moment to the first after, ISO 8601; null for a breakdown. */
  from: string | null;
  to: string | null;
  /** The interval is cut by the period's ends, or is still under way. */
  partial: boolean;
  /** People; in recurring cohorts of a breakdown once for each interval in which they started. */
  size: number;
  /** As far as they have begun. */
  periods: RetentionPeriod[];
}

export interface RetentionResult {
  /** From which interval to which after the start each period is: the first is 0 to 1. */
  periods: { from: number; to: number }[];
  cohorts: RetentionCohort[];
  /** All cohorts, weighted by their size; of each period only those for which it is over. */
  total: { size: number; periods: RetentionPeriod[] };
  /** Of each period the median of the cohorts' shares, of cohorts for which it is over. */
  median: (number | null)[];
}
