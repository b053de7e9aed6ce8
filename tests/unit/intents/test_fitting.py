from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents import evaluation
from intents.calibration import (
    WEIGHTS,
    Calibration,
    fit_calibration,
    fit_temperature,
    probabilities,
)
from intents.examples import OUT_OF_SCOPE, Example
from intents.figures import confused, cross_validated, per_intent
from intents.fitting import Before, Lines, fit_lines
from intents.foldheads import fit_head, pack, unpack
from intents.folds import fold_of_lines, group_of_labels, held_out
from intents.naming import encoded_names, names_of
from intents.outofscope import (
    ENOUGH_MARKED,
    FEATURES,
    Fusion,
    Geometry,
    Look,
    features_of,
    fit_fusion,
)
from intents.thresholds import (
    Thresholds,
    conformal_level,
    fit_thresholds,
    lowest_confidence,
    reach_of,
)
from intents.verdict import Evidence, Wanted, optimism
from models.arrays import FloatArray, unit_rows
from models.errors import ModelError
from models.logistic import LOOSE, class_means, trust_in_names
from tests.unit.intents.hashing import TOPICS, HashingEncoder, example_lines, fitted_lines

NONE = np.zeros((0, len(FEATURES)), dtype=np.float32)


def test_folds_are_stratified_and_stable_when_other_labels_grow() -> None:
    texts = [f"t{i}" for i in range(40)]
    labels = ["a"] * 20 + ["b"] * 20
    fold = fold_of_lines(texts, labels, 5)
    for label in ("a", "b"):
        counts = np.bincount(fold[[i for i, one in enumerate(labels) if one == label]])
        assert counts.tolist() == [4] * 5
    more = fold_of_lines([*texts, "new1", "new2"], [*labels, "c", "c"], 5)
    assert (more[:40] == fold).all()
    kept = fold_of_lines(["new", *texts], ["a", *labels], 5, known=np.array([-1, *fold]))
    assert (kept[1:] == fold).all()
    assert kept[0] >= 0


def test_fold_heads_agree_with_the_intent_head_and_start_where_they_were() -> None:
    lines, fitted = fitted_lines(example_lines())
    z = fitted.head.transform(lines.vectors)
    names = {
        label: fitted.head.transform(name.vector[None, :])[0] for label, name in lines.names.items()
    }
    cold = fit_head(z, lines.labels, names=names)
    np.testing.assert_allclose(
        cold.logits(z, fitted.head.labels), fitted.head.logits(lines.vectors), atol=0.05
    )
    (again,) = unpack(pack([cold]))
    warm = fit_head(z, lines.labels, again, LOOSE, names)
    near, far = warm.logits(z, cold.labels), cold.logits(z, cold.labels)
    assert (near.argmax(1) == far.argmax(1)).all()


def test_going_on_with_the_same_folds_gives_the_same_held_out_answers() -> None:
    lines, thorough = fitted_lines(example_lines())
    before = Before(thorough.fold_heads, thorough.folds)
    again = fit_lines(lines, Wanted(), quick=True, warm=thorough.head, before=before)
    assert again.predictions() == thorough.predictions()
    assert (again.folds == thorough.folds).all()


def test_groups_are_of_equal_size() -> None:
    groups = group_of_labels([f"l{i}" for i in range(10)] * 3, 5)
    assert sorted(np.bincount(list(groups.values()))) == [2] * 5


def test_hold_out_spares_tiny_classes() -> None:
    labels = ["one"] + ["three"] * 3 + ["five"] * 5 + ["many"] * 50
    chosen = held_out([str(i) for i in range(len(labels))], labels, 0.1)
    counts = {label: sum(labels[i] == label for i in chosen) for label in set(labels)}
    assert counts == {"one": 0, "three": 0, "five": 1, "many": 5}


def test_temperature_recovers_overconfidence() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(4000, 4)).astype(np.float32) * 1.5
    codes = np.array(
        [
            rng.choice(4, p=row)
            for row in probabilities(honest, 1.0).astype(np.float64)
            / probabilities(honest, 1.0).astype(np.float64).sum(1, keepdims=True)
        ]
    )
    assert fit_temperature(honest * 3, codes) == pytest.approx(3.0, rel=0.12)
    assert fit_temperature(honest[:5], codes[:5]) == 1.0


def test_temperature_stays_in_its_range_where_the_lines_call_for_more() -> None:
    codes = np.arange(40) % 4
    right = np.eye(4, dtype=np.float32)[codes]
    assert fit_temperature(right, codes) == pytest.approx(0.02, rel=0.01)
    assert fit_temperature(-right, codes) == pytest.approx(20, rel=0.01)
    barred = np.where(right > 0, right, -np.inf).astype(np.float32)
    assert 0.02 <= fit_temperature(barred, codes) <= 20


def test_the_fitted_temperature_has_the_least_loss_wherever_the_search_begins() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(500, 6)).astype(np.float32) * 4
    codes = np.where(rng.random(500) < 0.7, logits.argmax(axis=1), rng.integers(6, size=500))

    def loss(temperature: float) -> float:
        shares = probabilities(logits, temperature)[np.arange(500), codes]
        return float(-np.log(shares.astype(np.float64)).mean())

    best = fit_temperature(logits, codes)
    assert loss(best) <= min(loss(best * step) for step in (0.9, 0.99, 1.01, 1.1))
    for start in (0.02, 0.3, 20.0):
        assert fit_temperature(logits, codes, start) == pytest.approx(best, rel=1e-3)


def test_probabilities_of_untrained_classes_are_zero() -> None:
    shares = probabilities(np.array([[1.0, -np.inf, 2.0]], dtype=np.float32), 0.5)
    assert shares[0, 1] == 0
    assert shares.sum() == pytest.approx(1.0)


def test_geometry_knows_near_from_far() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(60, 8)).astype(np.float32)
    z[:30, 0] += 6
    z[30:, 1] += 6
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    codes = np.repeat([0, 1], 30)
    geometry = Geometry.of(z, codes)
    away = np.zeros((1, 8), dtype=np.float32)
    away[0, 7] = 1
    seen, barred = geometry.looks(z, 3, (None, codes))
    alone = geometry.look(away, 3)
    assert alone.distance[0] > seen.distance.max()
    assert (seen.nearest.argmax(axis=1) == codes).all()
    assert (seen.nearest[:, 2] == -1).all()
    assert (barred.nearest[np.arange(60), codes] == -1).all()
    assert (barred.distance >= seen.distance - 1e-6).all()
    assert alone.mahalanobis[0] > np.quantile(seen.mahalanobis, 0.9)
    assert (barred.mahalanobis >= seen.mahalanobis - 1e-6).all()


def test_fusion_never_turns_a_sign_round_and_survives_json() -> None:
    rng = np.random.default_rng(2)
    inside = rng.normal(size=(200, len(FEATURES))).astype(np.float32)
    outside = rng.normal(size=(100, len(FEATURES))).astype(np.float32)
    outside[:, 1] += 2
    outside[:, 2] -= 2
    fusion = fit_fusion(inside, outside, NONE)
    assert (fusion.weight >= 0).all()
    assert fusion.weight[2] == 0
    assert (evaluation.auroc(fusion.score(outside), fusion.score(inside)) or 0) > 0.85
    again = Fusion.from_json(fusion.as_json())
    np.testing.assert_allclose(again.score(inside), fusion.score(inside), atol=1e-6)


def test_far_lines_are_out_of_scope_whatever_the_other_signs_say() -> None:
    rng = np.random.default_rng(2)
    inside = rng.normal(size=(400, len(FEATURES))).astype(np.float32)
    near = inside[:100] + np.float32(1.5) * (np.arange(len(FEATURES)) < 2)
    fusion = fit_fusion(inside, near.astype(np.float32), NONE)
    stranger = np.quantile(inside, 0.3, axis=0)[None, :].astype(np.float32)
    assert fusion.score(stranger)[0] < 0.5
    stranger[0, FEATURES.index("mahalanobis")] = 5
    assert fusion.score(stranger)[0] > 0.99
    again = Fusion.from_json(fusion.as_json())
    assert again.score(stranger)[0] == pytest.approx(fusion.score(stranger)[0])
    before = {key: value for key, value in fusion.as_json().items() if key != "far"}
    assert Fusion.from_json(before).score(stranger)[0] < 0.99


def test_held_out_lines_are_as_far_as_new_ones() -> None:
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(8, 60))

    def drawn(number: int) -> tuple[list[str], FloatArray]:
        codes = np.tile(np.arange(8), number)
        rows = centres[codes] + rng.normal(size=(len(codes), 60))
        return [f"intent {code}" for code in codes], unit_rows(rows.astype(np.float32))

    labels, vectors = drawn(12)
    texts = [str(i) for i in range(len(labels))]
    fitted = fit_lines(Lines(texts, labels, vectors, np.ones(len(labels), dtype=bool)), Wanted())
    place = FEATURES.index("mahalanobis")
    new, seen = (
        fitted.geometry.look(fitted.head.transform(lines), 8).mahalanobis
        for lines in (drawn(40)[1], vectors)
    )
    assert seen.mean() < 0.9 * new.mean()
    assert fitted.held_out.inside[:, place].mean() == pytest.approx(new.mean(), rel=0.06)


def test_marked_lines_say_more_than_left_out_intents() -> None:
    rng = np.random.default_rng(2)
    place = FEATURES.index("own_class")
    inside, left_out, marked = rng.normal(size=(3, 200, len(FEATURES))).astype(np.float32)
    left_out[:, 0] += 2
    marked[:, place] += 2

    def found(number: int) -> Fusion:
        return fit_fusion(inside, left_out, marked[:number])

    assert found(0).weight[place] < found(ENOUGH_MARKED - 1).weight[place]
    assert 1.2 * found(ENOUGH_MARKED - 1).weight[place] < found(ENOUGH_MARKED).weight[place]


def test_a_class_without_a_line_in_memory_is_as_near_as_a_stranger() -> None:
    logits = np.array([[1.0, 2.0, 0.0]], dtype=np.float32)
    nearest = np.array([[0.5, -1.0, -0.2]], dtype=np.float32)
    joint = Calibration(1.0, 0.1).joint(logits, nearest)
    np.testing.assert_allclose(joint, [[2.0, 2.0, -0.4]])


def test_fusion_without_enough_lines_still_scores() -> None:
    few = fit_fusion(
        np.zeros((2, len(FEATURES)), dtype=np.float32),
        np.ones((1, len(FEATURES)), dtype=np.float32),
        NONE,
    )
    assert few.score(np.full((1, len(FEATURES)), 3, dtype=np.float32))[0] > 0.5


def test_features_can_leave_a_class_out() -> None:
    logits = np.eye(4, dtype=np.float32) * 5
    none = np.zeros(4, dtype=np.float32)
    apart = Look(np.zeros((4, 4), dtype=np.float32), none, none)
    whole = features_of(logits, None, apart)
    without = features_of(logits, None, apart, np.arange(4))
    assert (without[:, 0] > whole[:, 0]).all()
    assert (without[:, 4] > whole[:, 4]).all()
    own = features_of(logits, 3, apart)
    assert own[3, 5] == pytest.approx(5)
    alone = features_of(logits[:, :1], None, apart)
    assert (alone[:, 4] == 0).all()


def test_lowest_confidence_with_few_lines_holds_the_rate_with_one_more_error() -> None:
    confidence = np.linspace(1, 0, 99)
    right = np.ones(99, dtype=bool)
    right[60:] = False
    found = lowest_confidence(confidence, right, 0.05)
    accepted = confidence >= found
    assert (~right[accepted]).mean() <= 0.05
    assert accepted.sum() >= 60
    assert lowest_confidence(confidence, ~right, 0.001) > 1
    assert lowest_confidence(np.zeros(0), np.zeros(0, dtype=bool), 0.1) > 1


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.floats(0.01, 0.5))
def test_lowest_confidence_never_exceeds_the_rate(
    rows: list[tuple[float, bool]], rate: float
) -> None:
    confidence = np.array([c for c, _ in rows])
    right = np.array([r for _, r in rows], dtype=bool)
    accepted = confidence >= lowest_confidence(confidence, right, rate)
    if accepted.any():
        assert (~right[accepted]).mean() <= rate


def test_thresholds_hold_the_rate_on_the_next_lines() -> None:
    rng = np.random.default_rng(4)
    missed = 0
    for _ in range(60):
        confidence = rng.uniform(size=2000)
        right = rng.uniform(size=2000) < confidence
        found = lowest_confidence(confidence[:400], right[:400], 0.1)
        accepted = confidence[400:] >= found
        missed += (~right[400:][accepted]).mean() > 0.1 if accepted.any() else 0
    assert missed <= 15


def test_lines_with_wrong_labels_do_not_silence_the_bot() -> None:
    """Where one line in thirty is mislabelled at every confidence, no bound holds 5 %."""
    confidence = np.linspace(1, 0.5, 300)
    right = np.ones(300, dtype=bool)
    right[15::30] = False
    right[250:] = False
    accepted = confidence >= lowest_confidence(confidence, right, 0.05)
    assert 200 <= accepted.sum() <= 260
    assert (~right[accepted]).mean() <= 0.05


def test_conformal_sets_hold_the_right_intent() -> None:
    rng = np.random.default_rng(5)
    shares = rng.dirichlet(np.full(6, 0.4), size=4000)
    codes = np.array([rng.choice(6, p=row) for row in shares])
    level = conformal_level(reach_of(shares[:1000], codes[:1000]), 0.1)
    ordered = np.argsort(-shares[1000:], axis=1)
    before = np.cumsum(np.take_along_axis(shares[1000:], ordered, axis=1), axis=1)
    size = (before < level).sum(axis=1) + 1
    place = (ordered == codes[1000:, None]).argmax(axis=1)
    assert (place < size).mean() >= 0.88
    assert conformal_level(reach_of(shares[:5], codes[:5]), 0.1) == pytest.approx(0.9)


def test_memory_speaks_as_far_as_held_out_lines_call_for() -> None:
    rng = np.random.default_rng(6)
    codes = rng.integers(4, size=400)
    telling = np.eye(4, dtype=np.float32)[codes]
    noise = rng.normal(size=(400, 4)).astype(np.float32)
    helpful = fit_calibration(noise, telling, codes)
    useless = fit_calibration(telling * 3 + noise * 0.1, noise / 4, codes)
    assert helpful.memory >= 0.3
    assert useless.memory < helpful.memory <= max(WEIGHTS)
    assert (helpful.probabilities(noise, telling).argmax(axis=1) == codes).mean() > 0.95


def test_an_intent_known_by_its_name_alone_is_found_and_improves_with_lines() -> None:
    examples = example_lines()
    lines, _ = fitted_lines(examples)
    encode = HashingEncoder().encode
    names = encoded_names(
        {**names_of(set(lines.labels)), "gift": ["gift", "gift card voucher"]},
        lambda texts: encode(texts).sentence,
    )
    fitted = fit_lines(replace(lines, names=names), Wanted())
    assert "gift" in fitted.head.labels
    probe = encode(["gift card please"]).sentence
    column = fitted.head.labels.index("gift")
    alone = fitted.head.logits(probe)
    assert alone.argmax() == column
    figures = cross_validated(replace(lines, names=names), fitted, ["en"] * len(lines))
    assert figures["lines"] == len(lines)
    assert figures["calibration"]["ece_low"] <= figures["calibration"]["ece_high"]
    assert figures["out_of_scope"]["near"]["auroc"] is not None


def test_names_that_say_nothing_get_no_say() -> None:
    lines, _ = fitted_lines(example_lines())
    z = lines.vectors
    codes = np.array([sorted(set(lines.labels)).index(label) for label in lines.labels])
    means, counts = class_means(z, codes, 5), np.bincount(codes).astype(np.float32)
    assert trust_in_names(means, counts, np.roll(means, 1, axis=0)) == 0
    assert trust_in_names(means, counts, means) == 1


def test_decisions_and_options() -> None:
    thresholds = Thresholds(0.8, 0.7, 0.5, 0.05, 3)
    assert thresholds.decide(np.array([0.9, 0.1]), 0.1) == "accept"
    assert thresholds.decide(np.array([0.9, 0.1]), 0.7) == "reject"
    assert thresholds.decide(np.array([0.5, 0.3, 0.2]), 0.1) == "clarify"
    assert thresholds.decide(np.full(20, 0.05), 0.1) == "reject"
    assert thresholds.decide(np.array([0.6]), 0.1) == "reject"
    assert thresholds.options(np.array([0.97, 0.02, 0.01])) == 2
    assert thresholds.options(np.array([0.6, 0.2, 0.15, 0.05])) == 3
    assert thresholds.options(np.array([0.6])) == 1
    assert Thresholds.from_json(thresholds.as_json()) == thresholds


def test_rejection_threshold_weighs_both_sides() -> None:
    right = np.ones(50, dtype=bool)
    inside, outside = np.linspace(0, 0.5, 50), np.linspace(0.4, 0.9, 50)
    common = {"error_rate": 0.1, "max_options": 3, "covers": 0.95}
    careful = fit_thresholds(right * 1.0, right, inside, outside, out_of_scope_share=0.05, **common)
    strict = fit_thresholds(right * 1.0, right, inside, outside, out_of_scope_share=0.6, **common)
    assert strict.reject_at < careful.reject_at


@pytest.mark.parametrize("quick", [False, True])
def test_fit_is_good_calibrated_and_independent_of_order(quick: bool) -> None:
    examples = example_lines()
    lines, _ = fitted_lines(examples)
    fitted = fit_lines(lines, Wanted(), quick=quick)
    figures = cross_validated(lines, fitted, [e.language for e in examples])
    assert figures["intent"]["accuracy"] > 0.85
    assert figures["out_of_scope"]["auroc"] > 0.7
    assert figures["decisions"]["accept"] > 0.3
    order = np.random.default_rng(5).permutation(len(lines))
    mixed = fit_lines(
        type(lines)(
            [lines.texts[i] for i in order], [lines.labels[i] for i in order], lines.vectors[order],
            lines.unseen[order], lines.names,
        ),
        Wanted(),
        quick=quick,
    )  # fmt: skip
    assert mixed.temperature == pytest.approx(fitted.temperature, rel=0.02)
    assert mixed.predictions() == [fitted.predictions()[i] for i in order]


def test_quick_fit_agrees_with_the_thorough_one_on_intents() -> None:
    lines, thorough = fitted_lines(example_lines())
    quick = fit_lines(lines, Wanted(), quick=True, warm=thorough.head)
    assert quick.predictions() == thorough.predictions()


def test_few_lines_an_intent_are_believed_less() -> None:
    assert optimism(np.array([5, 5, 0, 5])) == pytest.approx(1.2)
    assert optimism(np.array([100])) == pytest.approx(1.01)
    assert optimism(np.zeros(3, dtype=np.int64)) == 1
    rng = np.random.default_rng(8)
    confidence = rng.uniform(size=600).astype(np.float32)
    right = rng.uniform(size=600) < confidence
    score = rng.uniform(size=600).astype(np.float32)
    plain = Evidence(confidence, right, confidence, score, score + 0.5, 1.0)
    few = replace(plain, optimism=1.5)
    wanted = Wanted(error_rate=0.2)
    assert few.thresholds(wanted).accept_at > plain.thresholds(wanted).accept_at
    assert few.thresholds(wanted).error_rate == 0.2
    again = Evidence.from_arrays(few.arrays())
    assert again.thresholds(wanted) == few.thresholds(wanted)


def test_lines_that_the_encoder_learned_from_are_believed_as_far_as_before() -> None:
    lines, before = fitted_lines(
        example_lines(topics=TOPICS | {"bill": ("invoice", "bill", "paid")})
    )
    own = np.stack(
        [lines.vectors[np.array(lines.labels) == label].mean(0) for label in lines.labels]
    )
    learned = replace(
        lines, vectors=0.2 * lines.vectors + own, unseen=np.zeros(len(lines), dtype=bool)
    )
    alone = fit_lines(learned, Wanted())
    told = fit_lines(learned, Wanted(), verdict=before.verdict)
    assert alone.temperature < before.temperature / 2
    assert told.calibration == before.calibration
    assert told.thresholds == before.thresholds
    strict = fit_lines(learned, Wanted(error_rate=0.01), verdict=before.verdict)
    assert strict.thresholds.accept_at > told.thresholds.accept_at
    again = fit_lines(lines, Wanted(), verdict=alone.verdict)
    assert again.temperature == before.temperature


def test_classes_with_one_line_are_learned_but_not_measured() -> None:
    examples = [*example_lines(), Example("quite unlike anything else", "lonely")]
    lines, fitted = fitted_lines(examples)
    assert "lonely" in fitted.head.labels
    assert not fitted.held_out.known[-1]
    figures = cross_validated(lines, fitted, ["en"] * len(lines))
    assert figures["lines"] == len(lines) - 1


@pytest.mark.parametrize("count", [1, 2, 4])
def test_tiny_sets_fit(count: int) -> None:
    examples = example_lines(count, {k: TOPICS[k] for k in ("greet", "refund")})
    _, fitted = fitted_lines(examples)
    assert fitted.thresholds.reject_at > 0


def test_one_intent_alone_fits() -> None:
    _, fitted = fitted_lines(example_lines(6, {"greet": TOPICS["greet"]}))
    assert fitted.head.labels == ("greet",)


def test_nothing_to_fit_is_an_error() -> None:
    with pytest.raises(ModelError):
        fitted_lines([])


def test_own_out_of_scope_lines_take_part() -> None:
    rng = np.random.default_rng(8)
    odd = [
        Example(" ".join(rng.choice(["cook", "moon", "tree", "war", "song", "cat"], 3)) + f" {i}",
                OUT_OF_SCOPE)
        for i in range(20)
    ]  # fmt: skip
    lines, fitted = fitted_lines([*example_lines(), *odd])
    assert OUT_OF_SCOPE in fitted.head.labels
    figures = cross_validated(lines, fitted, ["en"] * len(lines))
    assert figures["lines"] == len(example_lines())
    assert OUT_OF_SCOPE not in figures["per_intent"]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=25))
def test_any_mixture_of_class_sizes_fits(labels: list[str]) -> None:
    examples = [Example(f"{label} word{i % 4} {i}", label) for i, label in enumerate(labels)]
    lines, fitted = fitted_lines(examples)
    cross_validated(lines, fitted, ["en"] * len(lines))
    assert np.isfinite(fitted.temperature)


def test_tables_of_intents() -> None:
    gold, top = ["a", "a", "b"], ["a", "b", "b"]
    assert per_intent(gold, top)["a"] == {"lines": 2, "recall": 0.5, "precision": 1.0}
    assert confused(gold, top) == [{"intent": "a", "taken_for": "b", "lines": 1}]
