"""Says how good a forecast is before it goes live."""

import numpy as np
import pandas as pd

from features import FEATURES


def split(frame, share=0.2, seed=7):
    """Return the rows to learn from and the rows to judge by."""
    chance = np.random.default_rng(seed)
    judged = chance.random(len(frame)) < share
    return frame[~judged], frame[judged]


def standardise(train, test):
    """Return both parts with features of mean 0 and spread 1."""
    both = pd.concat([train, test])
    centre, spread = both[FEATURES].mean(), both[FEATURES].std()
    train, test = train.copy(), test.copy()
    train[FEATURES] = (train[FEATURES] - centre) / spread
    test[FEATURES] = (test[FEATURES] - centre) / spread
    return train, test


def naive(test):
    """Return the forecast that any model has to beat: the same hour of the day before."""
    return test["same_hour_yesterday"]


def score(expected, found):
    """Return the mean error in percent of the demand. Solar roofs can bring the demand of an hour to 0 or below it."""
    return float((abs(found - expected) / expected).mean() * 100)


def judge(model, frame):
    """Return the scores of a model and of the naive forecast on the same hours."""
    train, test = split(frame)
    baseline = score(test["kwh"], naive(test))
    train, test = standardise(train, test)
    model.fit(train[FEATURES], train["kwh"])
    return {"model": score(test["kwh"], model.predict(test[FEATURES])), "naive": baseline}
