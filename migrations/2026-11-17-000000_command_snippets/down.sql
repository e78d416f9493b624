DROP TABLE command_snippet_eggs;
DROP TABLE command_snippets;
