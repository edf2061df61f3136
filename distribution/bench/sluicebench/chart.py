"""Draws the digest as one SVG: CPU per request and requests per second, a row of bars for each case."""

from xml.sax.saxutils import escape

COLOURS = {"nginx": "#4c9f70", "haproxy": "#4a7fb5", "sluice": "#d9823b"}
OTHERS = ("#8d6cab", "#b5524a", "#7a7a7a")
BAR, GAP, PAD = 16, 22, 24
LABEL, PANEL, VALUE = 90, 300, 90

PANELS = (
    ("CPU us per request (shorter is better)", "cpu_micros", lambda v: f"{v:.1f}"),
    ("requests per second (longer is better)", "per_second", lambda v: f"{v:,.0f}"),
)


def colour(name, names):
    if name in COLOURS:
        return COLOURS[name]
    extra = [n for n in names if n not in COLOURS]
    return OTHERS[extra.index(name) % len(OTHERS)]


def text(x, y, content, size=12, weight="normal", anchor="start"):
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(content)}</text>'
    )


def svg(cases_digest, caption):
    """Bars are scaled within a case: cases differ too much in cost for one scale."""
    names = list(dict.fromkeys(name for case in cases_digest for name in case["proxies"]))
    width = PAD * 2 + len(PANELS) * (LABEL + PANEL + VALUE)
    parts, y = [text(PAD, PAD + 6, caption, 11)], PAD + 34
    for index, (heading, _, _) in enumerate(PANELS):
        parts.append(text(PAD + index * (LABEL + PANEL + VALUE), y, heading, 13, "bold"))
    y += 12
    for case in cases_digest:
        y += GAP
        parts.append(text(PAD, y, f"{case['name']}: {case['title']}", 12, "bold"))
        y += 6
        for row, (name, values) in enumerate(case["proxies"].items()):
            for index, (_, key, show) in enumerate(PANELS):
                left = PAD + index * (LABEL + PANEL + VALUE)
                top = y + row * (BAR + 3)
                most = max(v[key] for v in case["proxies"].values()) or 1
                length = PANEL * values[key] / most
                parts.append(text(left + LABEL - 8, top + 12, name, 11, anchor="end"))
                parts.append(
                    f'<rect x="{left + LABEL}" y="{top}" width="{length:.1f}" height="{BAR}" '
                    f'fill="{colour(name, names)}"/>'
                )
                parts.append(text(left + LABEL + length + 6, top + 12, show(values[key]), 11))
        y += len(case["proxies"]) * (BAR + 3)
    height = y + PAD
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" fill="#222">\n'
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
