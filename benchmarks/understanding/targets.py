"""The rows of the table: which figure, what it must be and aims at, and what others published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One figure of one set and part.

    :param pick: the figure, out of what ``frontdesk evaluate`` reports.
    :param percent: shown as a percentage; else as a bare fraction.
    :param lower: whether less is better.
    """

    title: str
    set: str
    part: str
    pick: Callable[[Figures], float | None]
    must: float | None = None
    aim: float | None = None
    anchors: str = ""
    measured: str = "main"
    percent: bool = True
    lower: bool = False


def pick(*keys: str) -> Callable[[Figures], float | None]:
    """A figure by its path."""

    def read(figures: Figures) -> float | None:
        found: Any = figures
        for key in keys:
            found = (found or {}).get(key)
        return None if found is None else float(found)

    return read


ACCURACY = pick("intent", "accuracy")
SLOTS = pick("entities", "f1")
AUROC = pick("out_of_scope", "auroc")
FPR95 = pick("out_of_scope", "fpr95")
ECE = pick("calibration", "ece")
MCC = pick("intent", "mcc")

ROWS = (
    Row("BANKING77, all lines", "banking77", "full", ACCURACY, 0.94, 0.948,
        "Strat (MiniLM-L6 int8 + kNN) 94.55 (model card); ICDA 94.42, ConvFiT 94.16 (wizwand); "
        "Dialogflow CX 89.58 (cicc)"),
    Row("BANKING77, 10 examples", "banking77", "10", ACCURACY, 0.875, 0.90,
        "ICDA 89.79 (wizwand); CPFT 87.20, USE+ConveRT 85.19 (Few-Shot-Intent-Detection); "
        "Rasa 3.6 DIET 66.6 (measured)"),
    Row("BANKING77, 5 examples", "banking77", "5", ACCURACY, 0.825, 0.85,
        "ICDA 84.01 (wizwand); CPFT 80.86 (Few-Shot-Intent-Detection)"),
    Row("CLINC150, all lines, in scope", "clinc150", "full", ACCURACY, 0.97, 0.976,
        "ConvFiT 97.34 (wizwand); 11M BERT 96.8, BERT-large 98.1 (uncertainty-baselines)"),
    Row("CLINC150, 10 examples", "clinc150", "10", ACCURACY, 0.94, 0.95,
        "ICDA 94.84 (wizwand); CPFT 94.18 (Few-Shot-Intent-Detection)"),
    Row("CLINC150, 5 examples", "clinc150", "5", ACCURACY, 0.915, 0.93,
        "ICDA 92.62 (wizwand); CPFT 92.34 (Few-Shot-Intent-Detection)"),
    Row("HWU64, all lines", "hwu64", "full", ACCURACY, 0.915, 0.928,
        "USE+ConveRT 92.62 (Casanueva 2020); ICDA 92.57, ConvFiT 92.42 (wizwand)"),
    Row("HWU64, 10 examples", "hwu64", "10", ACCURACY, 0.86, 0.88,
        "ICDA 87.41 (wizwand); CPFT 87.13 (Few-Shot-Intent-Detection)"),
    Row("HWU64, 5 examples", "hwu64", "5", ACCURACY, 0.805, 0.835,
        "ICDA 82.45 (wizwand); CPFT 82.03 (Few-Shot-Intent-Detection)"),
    Row("CLINC150 out of scope, AUROC", "clinc150", "full", AUROC, 0.98, 0.988,
        "BERT SNGP ensemble .973 (uncertainty-baselines); conformal sets .970 (cicc)",
        percent=False),
    Row("CLINC150 out of scope, FPR95", "clinc150", "full", FPR95, 0.08, 0.05,
        "frozen MiniLM, fused 11.1 (measured)", lower=True),
    Row("BANKING77-OOS near, AUROC", "banking77_oos", "full", AUROC, 0.86, 0.92,
        "sentence-BERT + kNN .871 (a script's comment)", percent=False),
    Row("BANKING77-OOS far, AUROC", "banking77_oos", "full", AUROC, measured="far",
        percent=False),
    Row("HINT3 curekart, MCC as deployed", "hint3_curekart", "full", MCC, 0.55, 0.65,
        "best threshold found on the test: Haptik .603, Dialogflow .578, Rasa .511 "
        "(hellohaptik/HINT3)", percent=False),
    Row("ECE, BANKING77", "banking77", "full", ECE, 0.025, 0.015,
        "BERT 4.10, with temperature 2.60 (cicc)", lower=True),
    Row("ECE, CLINC150", "clinc150", "full", ECE, 0.018, 0.010,
        "BERT 2.18, SNGP 1.04 (uncertainty-baselines)", lower=True),
    Row("BANKING77 answered at 2 % error", "banking77", "full", pick("coverage", "at_2pct_error"),
        0.88, 0.93, "BERT 89.1, Dialogflow CX 42 (cicc)"),
    Row("SNIPS intent", "snips", "full", ACCURACY, 0.984, 0.99,
        "BERT+CRF 98.57 (JointBERT)"),
    Row("SNIPS slot F1", "snips", "full", SLOTS, 0.958, 0.97,
        "BERT+CRF 97.24, DistilBERT+CRF 96.46 (JointBERT)"),
    Row("ATIS intent", "atis", "full", ACCURACY, 0.976, 0.982, "BERT+CRF 97.98 (JointBERT)"),
    Row("ATIS slot F1", "atis", "full", SLOTS, 0.954, 0.962,
        "ALBERT+CRF 96.32, DistilBERT+CRF 95.89 (JointBERT)"),
    Row("restaurant8k slot F1", "restaurant8k", "full", SLOTS, 0.95, 0.97),
    Row("MultiDoGO insurance slot F1", "multidogo_insurance", "full", SLOTS),
    Row("SMP2020 (zh) intent", "smp2020", "full", ACCURACY, 0.955, 0.97,
        "frozen e5 or USE 94.7 (measured)"),
    Row("SMP2020 (zh) slot F1", "smp2020", "full", SLOTS, None, None,
        "the BiLSTM-CRF below: 3 points better, aim 6"),
    Row("airline tweets macro-F1", "airline_tweets", "full", pick("sentiment", "macro_f1"),
        0.76, 0.80),
    Row("online_shopping (zh) accuracy", "online_shopping", "full",
        pick("sentiment", "accuracy"), 0.91, 0.935),
    Row("waimai (zh) accuracy", "waimai", "full", pick("sentiment", "accuracy"), None, None,
        "frozen e5 on 3,000 lines 88.2 (measured)"),
)  # fmt: skip
