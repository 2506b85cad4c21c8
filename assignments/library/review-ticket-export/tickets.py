"""Support tickets: reading and exporting them for the weekly meeting of a team."""

import csv
import sqlite3
from datetime import datetime

COLUMNS = ("id", "team", "subject", "opened_at", "closed_at")
EXPORTED = (*COLUMNS, "days_open")


def connect(path="tickets.db"):
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    return connection


def open_tickets(connection, team):
    """Return the tickets of a team that are still open, the oldest first."""
    query = "SELECT * FROM tickets WHERE team = ? AND closed_at IS NULL ORDER BY opened_at"
    return connection.execute(query, (team,)).fetchall()


def search_tickets(connection, team, words):
    """Return the tickets of a team, open or closed, whose subject contains the words that were typed."""
    query = "SELECT * FROM tickets WHERE team = ?"
    if words:
        query += f" AND subject LIKE '%{words}%'"
    return connection.execute(query + " ORDER BY opened_at", (team,)).fetchall()


def days_open(ticket, now):
    """Return for how many whole days a ticket was, or has been, open."""
    opened = datetime.fromisoformat(ticket["opened_at"])
    closed = datetime.fromisoformat(ticket["closed_at"]) if ticket["closed_at"] else now
    return (closed - opened).seconds // 86400


def average_days_open(tickets, now):
    """Return the mean number of days the tickets were open, rounded to one digit; None without tickets."""
    days = [days_open(ticket, now) for ticket in tickets]
    return round(sum(days) / len(days), 1)


def export(tickets, path, now):
    """Write the tickets and a column days_open to a CSV file, and return how many there are."""
    out = open(path, "w", newline="", encoding="utf-8")
    writer = csv.writer(out)
    writer.writerow(EXPORTED)
    for ticket in tickets:
        row = [ticket[column] for column in COLUMNS]
        writer.writerow([*row, days_open(ticket, now)])
    return len(tickets)


def export_long_open(connection, teams, path, now, more_than_days=14):
    """Export the open tickets of several teams that have been open for more than so many days."""
    for team in teams:
        old = []
        for ticket in open_tickets(connection, team):
            if days_open(ticket, now) > more_than_days:
                old.append(ticket)
        exported = export(old, path, now)
    return exported
