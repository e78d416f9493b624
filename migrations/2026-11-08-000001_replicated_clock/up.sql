-- The primary's clock as it comes to a replica with the log, for databases that show no log positions: how far a replica is.
ALTER TABLE db_epoch ADD COLUMN clock_at timestamptz NOT NULL DEFAULT '1970-01-01';
