DROP TABLE schedule_runs;
DROP TABLE schedule_steps;
DROP TABLE schedules;
