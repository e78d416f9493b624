-- Which transaction a row belongs to, in the words of the process that wrote it: who has heard of the change by another way
-- knows it again, and drops nothing twice. Empty where the keys were found by the database.
ALTER TABLE cache_invalidations ADD COLUMN change uuid;
