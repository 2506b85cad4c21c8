-- 0007: waiting lists, reminders, and who booked when. PostgreSQL 16; slots has 2 million rows.

CREATE TABLE waiting (
    centre integer NOT NULL REFERENCES centres (id),
    patient integer NOT NULL REFERENCES patients (id),
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (centre, patient)
);

CREATE TABLE bookings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slot integer NOT NULL REFERENCES slots (id),
    patient integer NOT NULL REFERENCES patients (id),
    booked_at timestamptz NOT NULL
);

-- A default that is the same for all rows takes no time, however many there are.
ALTER TABLE slots ADD COLUMN reminded boolean NOT NULL DEFAULT false;

-- "day" reads like the day of the week.
ALTER TABLE slots RENAME COLUMN day TO date;
