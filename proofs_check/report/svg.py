"""Line charts as inline SVG in the colours of the page, each with a title and a description."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 400
LEFT, RIGHT, TOP, BOTTOM = 56, 388, 12, 216
DASHES = ("", "7 4", "2 4", "9 3 2 3")


@dataclass(frozen=True)
class Line:
    """A curve, or single points where `dots`, with the words of its legend."""

    label: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


@dataclass(frozen=True)
class Chart:
    """Lines over common axes; ranges are (least, greatest)."""

    name: str
    title: str
    description: str
    x_label: str
    y_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    lines: Sequence[Line]

    def svg(self) -> str:
        """Return the SVG element."""
        head = (
            f'<svg role="img" viewBox="0 0 {WIDTH} {BOTTOM + 44 + 18 * len(self.lines)}" '
            f'aria-labelledby="{self.name}-title {self.name}-desc"><title id="{self.name}-title">{escape(self.title)}'
            f'</title><desc id="{self.name}-desc">{escape(self.description)}</desc>'
        )
        drawn = "".join(self._line(k, line) + self._legend(k, line) for k, line in enumerate(self.lines))
        return f"{head}{self._axes()}{drawn}</svg>"

    def _at(self, x: float, y: float) -> tuple[float, float]:
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        across, up = (x - x0) / (x1 - x0), (y - y0) / (y1 - y0)
        return round(LEFT + across * (RIGHT - LEFT), 1), round(BOTTOM - up * (BOTTOM - TOP), 1)

    def _axes(self) -> str:
        parts = []
        for x in ticks(*self.x_range):
            at = self._at(x, self.y_range[0])[0]
            parts.append(f'<path class="grid" d="M{at} {TOP}V{BOTTOM}"/>')
            parts.append(f'<text x="{at}" y="{BOTTOM + 16}" text-anchor="middle">{_text(x)}</text>')
        for y in ticks(*self.y_range):
            at = self._at(self.x_range[0], y)[1]
            parts.append(f'<path class="grid" d="M{LEFT} {at}H{RIGHT}"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{_text(y)}</text>')
        middle = (LEFT + RIGHT) / 2
        parts.append(f'<text x="{middle}" y="{BOTTOM + 33}" text-anchor="middle">{escape(self.x_label)}</text>')
        where = f'x="12" y="{(TOP + BOTTOM) / 2}" transform="rotate(-90 12 {(TOP + BOTTOM) / 2})"'
        parts.append(f'<text {where} text-anchor="middle">{escape(self.y_label)}</text>')
        return "".join(parts)

    def _line(self, index: int, line: Line) -> str:
        (low, high) = self.y_range
        places = [self._at(x, y) for x, y in line.points if low <= y <= high]
        if line.dots:
            return "".join(f'<circle class="c{index % 4}" cx="{x}" cy="{y}" r="4"/>' for x, y in places)
        return f'<path class="line c{index % 4}"{_dash(index)} d="M{"L".join(f"{x} {y}" for x, y in places)}"/>'

    def _legend(self, index: int, line: Line) -> str:
        y = BOTTOM + 52 + 18 * index
        mark = f'<path class="line c{index % 4}"{_dash(index)} d="M{LEFT} {y - 4}h34"/>'
        if line.dots:
            mark = f'<circle class="c{index % 4}" cx="{LEFT + 17}" cy="{y - 4}" r="4"/>'
        return f'{mark}<text x="{LEFT + 42}" y="{y}">{escape(line.label)}</text>'


def ticks(low: float, high: float) -> list[float]:
    """Return three to seven round numbers in [low, high]."""
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((m * power for m in (1, 2, 5, 10)), key=lambda s: abs(math.log(s / rough)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def _dash(index: int) -> str:
    return f' stroke-dasharray="{DASHES[index % 4]}"' if index % 4 else ""


def _text(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
