"""The operator's report on a release: what it gets wrong, how sure it is, what to do about it."""

from intents.reporting.build import Report, report_on_lines, report_on_release
from intents.reporting.page import render

__all__ = ["Report", "render", "report_on_lines", "report_on_release"]
