/** Subjects are persons, accounts or sessions, as the report says. Times are in seconds. */
export interface FunnelStep {
  /** How many did it. In any order: how many did so many steps. */
  subjects: number;
  /** Shares from 0 to 1; null where nobody was there before. Of who did the step before that is not optional. */
  ofEntered: number | null;
  ofPrevious: number | null;
  /** How many did that step before, and not this one. */
  dropped: number;
  /** From that step before to this one; null for the first, and where nobody did it. */
  medianSeconds: number | null;
  averageSeconds: number | null;
}

export interface FunnelSeries {
  /** The values of the breakdown; null in it for all that is not shown; empty for everybody together. */
  breakdown: (string | null)[];
  entered: number;
  converted: number;
  conversion: number | null;
  steps: FunnelStep[];
  /** From the entry to the last step. */
  toConvert: {
    medianSeconds: number | null;
    averageSeconds: number | null;
    /** From included, to excluded; all of one width. */
    bins: { fromSeconds: number; toSeconds: number; subjects: number }[];
  };
  /** For each interval of the report, of those whose counted attempt began in it. */
  over?: { entered: number[]; converted: number[] };
}

export interface FunnelResult {
  steps: { label: string | null; optional: boolean }[];
  /** Everybody. */
  total: FunnelSeries;
  /** A series for each value of the breakdown, those with the most subjects first, then the rest together. */
  series: FunnelSeries[];
  /** Subjects who entered and are in no number above, since an exclusion happened between their steps. */
  excluded: number;
  buckets?: { from: string; to: string; label: string; partial: boolean }[];
}
