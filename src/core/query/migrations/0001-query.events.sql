-- The events once more in the order of their names, without properties: a report on some kinds of event reads these only.
-- A projection is part of the table, so merges, mutations and erasures keep it right. Measured in docs/decisions/0014.
ALTER TABLE events ADD PROJECTION IF NOT EXISTS by_name (
  SELECT name, type, timestamp, origin_id, person_id, account_id, source_id, channel, contact, session_start,
    channel_group, campaign_source, campaign_medium, campaign_name, browser, os, device, country, locale, revenue_minor, currency
  ORDER BY name, toDate(timestamp), origin_id, timestamp
);

ALTER TABLE events MATERIALIZE PROJECTION by_name SETTINGS mutations_sync = 1;
