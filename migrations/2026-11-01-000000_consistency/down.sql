DROP TABLE leader_lease;
DROP TABLE revocations;
DROP TABLE cache_invalidations;
DROP TABLE db_epoch;
