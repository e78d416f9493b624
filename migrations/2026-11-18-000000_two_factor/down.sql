DROP TABLE sign_in_checkpoints;
DROP TABLE recovery_codes;
