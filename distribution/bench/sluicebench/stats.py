"""Medians, spread and paired ratios over rounds."""

from statistics import median


def spread(values):
    """Half of the range over the median: 0.02 reads as plus or minus 2 %."""
    middle = median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


def paired_ratios(ours, theirs):
    """Ours divided by theirs, for each round that both have.

    Pairing cancels drift of the machine between rounds.
    """
    return [ours[key] / theirs[key] for key in ours if theirs.get(key)]


def paired_ratio(ours, theirs):
    """Median of the paired ratios; None when no round has both."""
    ratios = paired_ratios(ours, theirs)
    return median(ratios) if ratios else None
