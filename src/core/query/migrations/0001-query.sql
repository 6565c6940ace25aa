-- The zone and the first day of the week of reports that name none.
CREATE TABLE query_settings (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  zone text NOT NULL,
  week_start text NOT NULL CHECK (week_start IN ('monday', 'sunday')),
  changed_at timestamptz NOT NULL DEFAULT now()
);
