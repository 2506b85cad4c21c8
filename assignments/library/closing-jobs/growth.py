"""Jobs in layers, each needing some of the layer before."""

FUNCTION = "run_order"
SIZES = (500, 1_000, 2_000, 4_000, 8_000, 16_000)
EXPECTED = "O(n log n)"
_WIDTH = 50


def arguments(size: int) -> tuple:
    """Return jobs in layers of fifty, each of which needs three of the layer before."""
    jobs = {}
    for number in range(size):
        layer = number - number % _WIDTH
        needs = [f"job-{layer - 1 - (number * step) % _WIDTH:06}" for step in (1, 3, 7)] if layer else []
        jobs[f"job-{number:06}"] = needs
    return (jobs,)
