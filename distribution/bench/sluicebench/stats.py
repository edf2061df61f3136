"""Medians, spread and paired ratios over rounds."""

from statistics import median


def spread(values):
    """Half of the range over the median: 0.02 reads as plus or minus 2 %."""
    middle = median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


def paired_ratio(ours, theirs):
    """Median over rounds of ours divided by theirs in the same round.

    Pairing cancels drift of the machine between rounds. Rounds that either side lacks are left out;
    None when none is left.
    """
    ratios = [ours[key] / theirs[key] for key in ours if theirs.get(key)]
    return median(ratios) if ratios else None
