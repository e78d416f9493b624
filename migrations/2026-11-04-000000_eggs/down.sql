DROP TABLE egg_variables;
DROP TABLE eggs;
DROP TABLE nests;
