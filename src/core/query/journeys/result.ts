export interface JourneyNode {
  /** `s:` or, at the journey's end, `e:` and the station; or other, dropped, began. */
  id: string;
  /** The station; null for other, dropped and began. */
  label: string | null;
  /** Dropped: went no further. Began: nothing lies before. Start and end: what the report asked for. */
  kind: 'station' | 'start' | 'end' | 'other' | 'dropped' | 'began';
  /** Journeys. */
  count: number;
  /** Of other: how many different stations, and whether there are more that were not told apart; the largest by name. */
  other?: { different: number; more: boolean; largest: { label: string; count: number }[] };
}

export interface JourneyLink {
  /** The step that it comes from; it goes to the next. */
  step: number;
  from: string;
  to: string;
  count: number;
  /** Within three percent; null to dropped and from began. */
  medianSeconds: number | null;
}

export interface JourneyPath {
  /** Null for stations that were not told apart. */
  stations: (string | null)[];
  count: number;
  share: number;
  /** With a start and an end: how many of them got there, be it later than the last step shown. */
  reached: number | null;
}

export interface JourneyResult {
  journeys: number;
  people: number;
  /** With a start and an end: journeys that got from the one to the other. */
  reached: number | null;
  /** From the start 0, 1, 2 …; towards an end … -2, -1, 0. Nodes by their size; dropped, began and other last. */
  steps: { step: number; nodes: JourneyNode[] }[];
  links: JourneyLink[];
  /** The most frequent sequences, at most 50; `exact` is false where so many differ that one may have been missed. */
  paths: { list: JourneyPath[]; exact: boolean };
}
