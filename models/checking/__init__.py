"""An independent checker of replies: what a reply states must stand in its sources.

It shares no code with the generators, reads both languages by rules and a lexicon, and refuses what
it cannot decide.
"""

from models.checking.checker import Checker, Sources, Stated, Verdict
from models.checking.findings import Finding

__all__ = ["Checker", "Finding", "Sources", "Stated", "Verdict"]
