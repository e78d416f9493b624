DROP TABLE allocations;
DROP TABLE nodes;
DROP TABLE locations;
