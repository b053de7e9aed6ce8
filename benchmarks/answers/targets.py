"""The rows of the table: which figure, what it must be and aims at, and what others published."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure of one run; ``gain`` figures are differences, in points."""

    title: str
    run: str
    figure: str
    must: float | None = None
    aim: float | None = None
    beside: str = ""
    gain: bool = False


ROWS = (
    Row("STAR, next template among those of the dialogue's tasks, R@1", "star", "r1_task",
        0.72, 0.80, "BM25 of the last line .083, MiniLM .071 (measured)"),
    Row("STAR, next template among all, R@1", "star", "r1_all", 0.68, 0.75),
    Row("STAR as past logs, a search for the customer's line alone, R@1", "star_following",
        "r1_search"),
    Row("STAR as past logs, with the network of a release, R@1", "star_following", "r1_following"),
    Row("covid_faq, R@1, each question as often as the file has it", "covid_faq",
        "r1_pairs_fused", 0.92, 0.95, "frozen MiniLM + logistic regression .90 (measured)"),
    Row("covid_faq, R@1, distinct questions", "covid_faq", "r1_fused", None, None,
        "BM25 .121, MiniLM .351, rank fusion .260, answers alone (measured)"),
    Row("covid_faq, MRR, distinct questions", "covid_faq", "mrr_fused"),
    Row("covid_faq, fused over the best single part, R@1", "covid_faq", "r1_over_single",
        0.0, 0.03, gain=True),
    *(
        row
        for run, title in (
            ("jddc_chat", "JDDC sessions (zh), 1 of 100"),
            ("jddc_pairs", "JDDC pairs (zh), 1 of 100"),
            ("airline", "Airline replies, 1 of 100"),
        )
        for row in (
            Row(f"{title}, R@1", run, "r1_fused"),
            Row(f"{title}, MRR", run, "mrr_fused"),
            Row(f"{title}, R@1 over BM25", run, "r1_over_bm25", 0.08, 0.15, gain=True),
            Row(f"{title}, R@1 over untuned vectors", run, "r1_over_untuned", 0.08, 0.15,
                gain=True),
            Row(f"{title}, MRR over BM25", run, "mrr_over_bm25", 0.08, 0.15, gain=True),
            Row(f"{title}, MRR over untuned vectors", run, "mrr_over_untuned", 0.08, 0.15,
                gain=True),
            Row(f"{title}, fused over the best single part, R@1", run, "r1_over_single", 0.0, 0.03,
                gain=True),
        )
    ),
)  # fmt: skip
