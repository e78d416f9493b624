-- Schedules of servers, and their runs where the panel runs them.

CREATE TABLE schedules (
    id               uuid PRIMARY KEY,
    server_id        uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    name             text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    enabled          boolean NOT NULL,
    triggers         jsonb NOT NULL,
    condition        jsonb NOT NULL,
    -- The times at which it was due are dealt with up to here. It only moves on: no clock makes a time due twice.
    considered_until timestamptz NOT NULL,
    -- When the planner has to look at it; never, when a node runs it or no time is left.
    plan_at          timestamptz,
    last_run_at      timestamptz,
    last_failure_at  timestamptz,
    -- The first of the times that it was not run at, when some were left out at the last look.
    missed_at        timestamptz,
    created_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX schedules_name_key ON schedules (server_id, name);
CREATE INDEX schedules_plan_idx ON schedules (plan_at, id) WHERE plan_at IS NOT NULL;

CREATE TABLE schedule_steps (
    id          uuid PRIMARY KEY,
    schedule_id uuid NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    -- Whoever wrote what the step does: it is done with what they may do.
    author_id   uuid REFERENCES users (id) ON DELETE SET NULL,
    position    integer NOT NULL CHECK (position >= 0),
    action      jsonb NOT NULL,
    error       text,
    created_at  timestamptz NOT NULL
);
CREATE INDEX schedule_steps_schedule_id_idx ON schedule_steps (schedule_id, position, created_at, id);
CREATE INDEX schedule_steps_author_id_idx ON schedule_steps (author_id) WHERE author_id IS NOT NULL;

CREATE TABLE schedule_runs (
    id             uuid PRIMARY KEY,
    schedule_id    uuid NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
    cause          text NOT NULL CHECK (cause IN ('cron', 'manual', 'schedule_completion')),
    -- The time it was due at, by its pattern.
    slot           timestamptz CHECK ((slot IS NOT NULL) = (cause = 'cron')),
    skip_condition boolean NOT NULL DEFAULT false,
    -- How many runs, each begun by the end of the one before, led to this one.
    depth          smallint NOT NULL DEFAULT 0,
    state          text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'skipped', 'cancelled')),
    -- The steps as they were when it began.
    steps          jsonb NOT NULL,
    progress       jsonb NOT NULL DEFAULT '{}',
    -- Counts who worked on it: a change under an older number has no effect.
    fence          bigint NOT NULL DEFAULT 0,
    -- Set before a node is called for the step at hand, at most once.
    called_at      timestamptz,
    deadline_at    timestamptz NOT NULL,
    error          text,
    created_at     timestamptz NOT NULL,
    finished_at    timestamptz,
    CHECK ((finished_at IS NULL) = (state IN ('queued', 'running')))
);
-- Each time is run once, whoever plans it; and one run of a schedule is open at a time.
CREATE UNIQUE INDEX schedule_runs_slot_key ON schedule_runs (schedule_id, slot) WHERE slot IS NOT NULL;
CREATE UNIQUE INDEX schedule_runs_open_key ON schedule_runs (schedule_id) WHERE finished_at IS NULL;
CREATE INDEX schedule_runs_deadline_idx ON schedule_runs (deadline_at) WHERE finished_at IS NULL;
CREATE INDEX schedule_runs_finished_idx ON schedule_runs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX schedule_runs_schedule_id_idx ON schedule_runs (schedule_id, created_at);
