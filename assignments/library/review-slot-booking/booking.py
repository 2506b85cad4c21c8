"""Books appointments at health centres. Four processes of this service run at the same time, on one PostgreSQL."""

CACHE_SECONDS = 60


class SlotTakenError(Exception):
    """Somebody was faster."""


def free_slots(db, cache, centre, date):
    """Return the free slots of a centre on a date, at most a minute old: booking looks again anyway."""
    key = f"free-slots:{date}"
    slots = cache.get(key)
    if slots is None:
        slots = db.all(
            "SELECT id, starts_at FROM slots WHERE centre = %s AND date = %s AND patient IS NULL ORDER BY starts_at",
            centre,
            date,
        )
        cache.set(key, slots, seconds=CACHE_SECONDS)
    return slots


def book(db, mailer, slot, patient):
    """Book a slot for a patient, note who booked when, and confirm it; raises SlotTakenError."""
    with db.transaction():
        row = db.one("SELECT patient, starts_at FROM slots WHERE id = %s", slot)
        if row.patient is not None:
            raise SlotTakenError
        db.change("UPDATE slots SET patient = %s WHERE id = %s", patient, slot)
        db.change(
            "INSERT INTO bookings (slot, patient, booked_at) VALUES (%s, %s, now())",
            slot,
            patient,
        )
        when = f"{row.starts_at:%A, %d %B, %H:%M}"
        mailer.send(patient, f"Your appointment is booked for {when}.")


def cancel(db, mailer, slot, patient):
    """Cancel the appointment of a patient; somebody else's stays. The first who waits at the centre gets the offer."""
    with db.transaction():
        freed = db.change("UPDATE slots SET patient = NULL WHERE id = %s", slot)
        if not freed:
            return
        centre = db.one("SELECT centre FROM slots WHERE id = %s", slot).centre
        offered = first_waiting(db, centre)
    if offered is not None:
        mailer.send(offered, "An appointment has become free. Be quick, it is open to everybody.")


def wait_for(db, centre, patient):
    """Put a patient on the waiting list of a centre; twice is the same as once."""
    with db.transaction():
        db.change("INSERT INTO waiting (centre, patient) VALUES (%s, %s) ON CONFLICT DO NOTHING", centre, patient)


def first_waiting(db, centre):
    """Take the first patient off the waiting list of a centre and return them, or None."""
    row = db.one("SELECT patient FROM waiting WHERE centre = %s ORDER BY since LIMIT 1 FOR UPDATE", centre)
    if row is None:
        return None
    db.change("DELETE FROM waiting WHERE patient = %s", row.patient)
    return row.patient


def remind(db, locks, mailer, date):
    """Remind all patients with an appointment on a date. A timer in each process calls this; one does it."""
    if not locks.acquire("reminders"):
        return
    rows = db.all("SELECT id, patient FROM slots WHERE date = %s AND patient IS NOT NULL AND NOT reminded", date)
    for row in rows:
        mailer.send(row.patient, "You have an appointment tomorrow.")
        with db.transaction():
            db.change("UPDATE slots SET reminded = true WHERE id = %s", row.id)
    locks.release("reminders")
