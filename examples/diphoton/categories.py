"""Categories of the classifier's score, and what a counting experiment in each expects."""

from dataclasses import dataclass

import numpy as np

CATEGORIES = 4
STEPS = 40  # boundaries lie where multiples of 1/STEPS of the signal lie above
SIDE_MIN, SIDE_MAX = 115.0, 135.0  # GeV: the continuum's density at 125 is the mean over these
SIGNAL_FRACTION = 0.683
LEAST_EVENTS = 50  # simulated, of each: below, the numbers of a window mean nothing


@dataclass
class Window:
    """Expected numbers in the shortest mass window that holds 68.3 % of a category's signal. half_width: half that window, GeV."""

    signal: float
    continuum: float
    half_width: float

    @property
    def significance(self):
        """Median of a discovery's, where continuum and signal are known: the Asimov formula of arXiv:1007.1727."""
        s, b = self.signal, self.continuum
        return float(np.sqrt(2 * ((s + b) * np.log1p(s / b) - s)))


def shortest_window(mass):
    """(low, high) of the shortest interval that holds SIGNAL_FRACTION of the masses."""
    ordered = np.sort(mass)
    count = max(1, int(np.ceil(SIGNAL_FRACTION * len(ordered))))
    widths = ordered[count - 1 :] - ordered[: len(ordered) - count + 1]
    first = int(widths.argmin())
    return float(ordered[first]), float(ordered[first + count - 1])


def window_of(events):
    """The Window of Events, or None where the simulation has too few."""
    beside = ~events.signal & (events.mass > SIDE_MIN) & (events.mass < SIDE_MAX)
    if min(events.signal.sum(), beside.sum()) < LEAST_EVENTS:
        return None
    low, high = shortest_window(events.mass[events.signal])
    signal = SIGNAL_FRACTION * events.expected[events.signal].sum()
    continuum = events.expected[beside].sum() * (high - low) / (SIDE_MAX - SIDE_MIN)
    return Window(float(signal), float(continuum), (high - low) / 2)


def combined(windows):
    """Significance of several categories together."""
    return float(np.sqrt(sum(window.significance**2 for window in windows)))


def best_boundaries(scores, events):
    """CATEGORIES - 1 scores, descending, that make `combined` the largest: every choice on a grid of signal quantiles is compared."""
    grid = np.quantile(scores[events.signal], 1 - np.arange(STEPS + 1) / STEPS)
    grid[0], grid[-1] = np.inf, -np.inf
    squares = np.full((STEPS + 1, STEPS + 1), -np.inf)
    for upper in range(STEPS):
        for lower in range(upper + 1, STEPS + 1):
            window = window_of(events[(scores < grid[upper]) & (scores >= grid[lower])])
            if window is not None:
                squares[upper, lower] = window.significance**2
    best, taken = squares[0], []
    for _ in range(CATEGORIES - 1):
        sums = best[:, None] + squares
        taken.append(sums.argmax(axis=0))
        best = sums.max(axis=0)
    place, boundaries = STEPS, []
    for step in reversed(taken):
        place = int(step[place])
        boundaries.append(float(np.float32(grid[place])))
    return boundaries[::-1]


def category_of(scores, boundaries):
    """0 for the scores from the first boundary on, CATEGORIES - 1 below the last."""
    return (np.asarray(scores)[:, None] < np.asarray(boundaries, np.float32)).sum(axis=1)
