"""Telling how far a seeding is: a bar on a terminal, a line every few seconds anywhere else."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

from tqdm import tqdm

__all__ = ["Progress"]

EVERY_SECONDS = 5.0


class Progress:
    """Call it as seed() does: what is being done, how much stands, how much there is in all (1: no count to show)."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self._bar: tqdm[Any] | None = tqdm(file=self.out, leave=False) if self.out.isatty() else None
        self._begun = self._stage_begun = self._told = time.monotonic()
        self._stage = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        now, new = time.monotonic(), what != self._stage
        if new:
            self._stage, self._stage_begun = what, now
        if self._bar is not None:
            self._draw(self._bar, new, done, total)
        elif new or now - self._told >= EVERY_SECONDS or done == total > 1:
            self._told = now
            self.out.write(f"{clock(now - self._begun)}  {self._line(done, total, now)}\n")
            self.out.flush()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def _draw(self, bar: tqdm[Any], new: bool, done: int, total: int) -> None:
        if new:
            bar.reset(total=total if total > 1 else None)
            bar.unit = "人" if total > 1000 else "项"
            bar.set_description(self._stage, refresh=False)
        bar.n = done
        bar.refresh()

    def _line(self, done: int, total: int, now: float) -> str:
        if total <= 1:
            return self._stage
        shown = f"{self._stage} {done:,} / {total:,}（{done * 100 // total}%）"
        seconds = now - self._stage_begun
        if not done or seconds <= 0:
            return shown
        rate = done / seconds
        speed = f"，每秒 {rate:,.0f} 人" if total > 1000 else ""
        return f"{shown}{speed}，还需 {clock((total - done) / rate)}" if done < total else shown + speed


def clock(seconds: float) -> str:
    """Minutes and seconds: 75 → 01:15."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
