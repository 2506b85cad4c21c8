"""Turns the readings of a district's electricity into the features of tomorrow's forecast."""

import pandas as pd

WEATHER = ["temperature", "wind"]
FEATURES = [*WEATHER, "hour", "weekday", "same_hour_yesterday", "usual"]


def add_calendar(frame):
    """Return the frame with the hour and the weekday, in local time."""
    local = frame["hour_utc"] + pd.Timedelta(hours=1)
    return frame.assign(hour=local.dt.hour, weekday=local.dt.weekday)


def add_weather(demand, weather):
    """Return the demand of each hour with its weather; hours without weather stay, with gaps.

    There are two weather stations now; each has a row for each hour, and the column ``station``.
    """
    return demand.merge(weather, on="hour_utc", how="left")


def add_history(frame):
    """Return the frame, which has a row for every hour, with what was used before, as far as one knows it a day ahead."""
    frame = frame.sort_values("hour_utc")
    return frame.assign(
        same_hour_yesterday=frame["kwh"].shift(24),
        usual=frame["kwh"].rolling(7 * 24).mean(),
    )


def fill_gaps(frame):
    """Return the frame with gaps in the weather filled with the last value before, for up to three hours."""
    return frame.assign(**{name: frame[name].ffill(limit=3) for name in WEATHER})


def make_features(demand, weather):
    """Return all features and the demand in kwh, without rows that have gaps."""
    frame = add_weather(add_history(add_calendar(demand)), weather)
    return fill_gaps(frame)[["hour_utc", *FEATURES, "kwh"]].dropna()
