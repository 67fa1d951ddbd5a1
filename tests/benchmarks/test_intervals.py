import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import intervals


def test_a_share_has_wilsons_interval() -> None:
    # Newcombe, R. G. (1998), Statistics in Medicine 17, table I, method 3.
    for found, of, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]:
        figure = intervals.share(found, of)
        assert figure.low == pytest.approx(low, abs=1e-4)
        assert figure.high == pytest.approx(high, abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_a_share_lies_within_its_interval_and_that_within_0_and_1(counted: tuple[int, int]) -> None:
    figure = intervals.share(*counted)
    assert figure.low is not None
    assert figure.high is not None
    assert 0.0 <= figure.low <= figure.value <= figure.high <= 1.0


def test_no_event_bounds_the_rate_by_the_rule_of_three() -> None:
    assert intervals.events_per_hour(0, 10.0, 1).high == pytest.approx(0.2996, abs=1e-4)


def test_counted_events_have_the_exact_poisson_interval() -> None:
    # Garwood's limits for 1, 10 and 1,000 events.
    for count, low, high in [(1, 0.0253, 5.572), (10, 4.795, 18.39), (1000, 938.97, 1063.94)]:
        figure = intervals.events_per_hour(count, 1.0, 1)
        assert figure.low == pytest.approx(low, rel=2e-3)
        assert figure.high == pytest.approx(high, rel=2e-3)


def test_the_interval_of_a_median_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    covered = 0
    for _ in range(100):
        figure = intervals.of_samples([float(each) for each in random.normal(10.0, 1.0, 40)], "s")
        assert figure.low is not None
        assert figure.high is not None
        covered += figure.low <= 10.0 <= figure.high
    assert covered >= 85


def test_a_ratio_says_how_many_times_as_long_the_peer_takes() -> None:
    ours = [0.1, 0.11, 0.12, 0.13, 0.14]
    figure = intervals.ratio_of_medians(ours, [each * 3 for each in ours])
    assert figure.value == pytest.approx(3.0)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low <= 3.0 <= figure.high


def test_equal_errors_differ_by_nothing() -> None:
    errors = [0.0, 1.0, 2.0, 0.0]
    figure = intervals.difference_of_rates(errors, errors, [5.0, 5.0, 5.0, 5.0])
    assert (figure.value, figure.low, figure.high) == (0.0, 0.0, 0.0)


def test_the_same_samples_give_the_same_interval() -> None:
    samples = [1.0, 2.0, 5.0, 3.0]
    assert intervals.of_samples(samples, "s") == intervals.of_samples(samples, "s")
