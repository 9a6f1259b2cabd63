"""Symptoms over the weeks as a picture: told by shape and words as much as by colour."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.checkins.answers import LABELS, Choice

WEEKS = 12
MOST_ROWS = 10
#: Okabe and Ito's colours, which people with colour-blindness tell apart; the size and the letter say the same.
COLOURS: Mapping[Choice, str] = {Choice.NO: "#999999", Choice.SOMETIMES: "#E69F00", Choice.OFTEN: "#0072B2"}
MARKERS: Mapping[Choice, tuple[str, int]] = {
    Choice.NO: ("_", 60),
    Choice.SOMETIMES: ("s", 110),
    Choice.OFTEN: ("o", 260),
}


@dataclass(frozen=True)
class Week:
    """What a round found: symptom → level."""

    name: str
    levels: Mapping[str, Choice]


@dataclass(frozen=True)
class Picture:
    """A PNG and the words that stand for it."""

    png: bytes
    alt_text: str


def draw(weeks: Sequence[Week], titles: Mapping[str, str]) -> Picture | None:
    """The symptoms of the last weeks; None while there is nothing to see."""
    weeks = weeks[-WEEKS:]
    rows = _rows(weeks)
    if not rows:
        return None
    with mpl.rc_context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(9, 1.6 + 0.42 * len(rows)), layout="constrained")
        _plot(figure.subplots(), weeks, rows, titles)
        buffer = io.BytesIO()
        FigureCanvasAgg(figure)
        figure.savefig(buffer, format="png", dpi=110)
    return Picture(buffer.getvalue(), alt_text(weeks, titles))


def alt_text(weeks: Sequence[Week], titles: Mapping[str, str]) -> str:
    """The same in words, as long as Slack takes it."""
    told = [_told(symptom, weeks, titles) for symptom in _rows(weeks)]
    text = f"Symptoms from {weeks[0].name} to {weeks[-1].name}. " + " ".join(told)
    return text if len(text) <= 1000 else text[:999] + "…"


def _told(symptom: str, weeks: Sequence[Week], titles: Mapping[str, str]) -> str:
    said = [f"{LABELS[week.levels[symptom]].lower()} in {week.name}" for week in weeks if symptom in week.levels]
    return f"{titles.get(symptom, symptom)}: {', '.join(said)}."


def _rows(weeks: Sequence[Week]) -> list[str]:
    """The symptoms reported at least once, the heaviest last weeks first."""
    weight: dict[str, float] = {}
    for place, week in enumerate(weeks):
        for symptom, level in week.levels.items():
            weight[symptom] = weight.get(symptom, 0) + level.strength * (1 + place)
    return sorted((symptom for symptom in weight if weight[symptom]), key=lambda name: (-weight[name], name))[
        :MOST_ROWS
    ]


def _plot(axes: Axes, weeks: Sequence[Week], rows: Sequence[str], titles: Mapping[str, str]) -> None:
    for choice, (marker, size) in MARKERS.items():
        points = [
            (column, row)
            for row, symptom in enumerate(rows)
            for column, week in enumerate(weeks)
            if week.levels.get(symptom) is choice
        ]
        x, y = zip(*points, strict=True) if points else ((), ())
        axes.scatter(x, y, s=size, marker=marker, color=COLOURS[choice], label=LABELS[choice], zorder=2)
    axes.set_xticks(range(len(weeks)), [week.name for week in weeks], rotation=30, ha="right")
    axes.set_yticks(range(len(rows)), [titles.get(symptom, symptom) for symptom in rows])
    axes.set_xlim(-0.5, len(weeks) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(visible=True, axis="y", color="#dddddd", zorder=0)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
