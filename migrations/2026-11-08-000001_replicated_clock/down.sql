ALTER TABLE db_epoch DROP COLUMN clock_at;
