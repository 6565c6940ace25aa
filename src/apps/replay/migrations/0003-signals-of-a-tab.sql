-- What the recorder of this tab told that went wrong, counted by kind (watch-first.ts); null where it does not tell, and
-- what its whole session met is counted.
ALTER TABLE replay_recordings ADD COLUMN signals jsonb;
