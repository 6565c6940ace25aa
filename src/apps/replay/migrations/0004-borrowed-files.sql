-- A visitor who leaves a page at once is gone before its pictures are kept: the recording shows those that other recordings
-- kept under the same address (borrowed-assets.ts). What is borrowed is no evidence for others.
ALTER TABLE replay_asset_uses ADD COLUMN borrowed boolean NOT NULL DEFAULT false;
CREATE INDEX replay_asset_uses_url ON replay_asset_uses USING hash (url);
