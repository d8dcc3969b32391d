"""A rule is tried on what was delivered before anybody declares it, and tells what SQL tells."""

import pytest

from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.privacy.masking import is_hidden
from pipeline.services.quality import rule_trial
from pipeline.services.quality.rule_trial import RuleDraft
from pipeline.services.tables.visible import open_visible
from tests.pages.screen import page_text
from tests.warehouse import query


@pytest.mark.parametrize(
    ("draft", "condition"),
    [
        (RuleDraft("encounters", "cpt", "between", least=0.0), "cpt glob '*[^0-9]*'"),
        (RuleDraft("encounters", "cpt", "one of", ("29806", "x'y")), "cpt <> '29806'"),
        (RuleDraft("referrals", "employer_id", "filled"), "coalesce(trim(employer_id), '') = ''"),
        (RuleDraft("patients", "gender", "one of", ("male",)), "gender <> 'male'"),
    ],
)
def test_a_trial_counts_what_its_condition_counts(sample_home, draft, condition):
    trial = rule_trial.tried(load_settings(home=sample_home), draft)
    expected = query(
        sample_home,
        f"select _load_id, count(*), sum(coalesce({condition}, 0)) "
        f"from row_verdicts_{draft.entity} group by 1 order by 1",
    )
    assert [tuple(row) for row in trial.loads.itertuples(index=False)] == expected
    assert len(trial.failing) == min(trial.failing_rows, rule_trial.SAMPLE_ROWS)
    assert not trial.is_partial


def test_of_a_column_with_hidden_cells_a_trial_tells_only_of_the_rows_whose_value_is_shown(
    sample_home,
):
    settings, column = load_settings(home=sample_home), "paid_amount_usd"
    with open_visible(settings, "row_verdicts_encounters") as connection:
        shown = [
            float(value)
            for (value,) in connection.execute(
                f"select {column} from row_verdicts_encounters where {column} is not null"
            )
        ]
    assert 0 < len(shown) < 1000
    for least, most in ((None, 5000.0), (100.0, 900.0)):
        draft = RuleDraft("encounters", column, "between", least=least, most=most)
        trial = rule_trial.tried(settings, draft)
        outside = [value for value in shown if value > most or value < (least or 0)]
        assert (trial.rows, trial.failing_rows) == (len(shown), len(outside))
        assert trial.is_partial
    with pytest.raises(InputRefused, match="where it is hidden"):
        rule_trial.tried(settings, RuleDraft("encounters", column, "filled"))


def test_no_masked_column_takes_a_trial(sample_home):
    settings = load_settings(home=sample_home)
    for entity, contract in load_contracts().items():
        offered = rule_trial.columns(settings, entity)
        table = f"row_verdicts_{entity}"
        assert not any(is_hidden(table, column) for column in offered)
        for column in {each.name for each in contract.columns} - set(offered):
            with pytest.raises(InputRefused):
                rule_trial.tried(settings, RuleDraft(entity, column, "filled"))


@pytest.mark.parametrize(
    "draft",
    [
        RuleDraft("encounters", "cpt", "one of"),
        RuleDraft("encounters", "cpt", "one of", ("a\0b",)),
        RuleDraft("encounters", "paid_amount_usd", "between"),
        RuleDraft("encounters", "paid_amount_usd", "between", least=float("nan")),
        RuleDraft("encounters", "paid_amount_usd", "between", most=float("inf")),
        RuleDraft("encounters", 'cpt" or 1 --', "filled"),
        RuleDraft("no_such_source", "cpt", "filled"),
    ],
)
def test_a_draft_that_says_nothing_is_refused(sample_home, draft):
    with pytest.raises(InputRefused):
        rule_trial.tried(load_settings(home=sample_home), draft)


def test_a_rule_is_tried_on_the_page(open_page, sample_home):
    app = open_page("quality", sample_home)
    app.toggle(key="trial").set_value(True).run()
    app.selectbox(key="trial_source").set_value("encounters").run()
    app.selectbox(key="trial_column_encounters").set_value("paid_amount_usd")
    app.selectbox(key="trial_kind").set_value("between").run()
    app.number_input(key="trial_most").set_value(5000.0).run()
    draft = RuleDraft("encounters", "paid_amount_usd", "between", most=5000.0)
    trial = rule_trial.tried(load_settings(home=sample_home), draft)
    text = page_text(app)
    assert f"**{trial.failing_rows:,} of {trial.rows:,} rows would fail**" in text
    assert "Values of small groups are hidden" in text


def test_before_the_first_build_there_is_nothing_to_try_on(open_page, empty_home):
    assert rule_trial.columns(load_settings(home=empty_home), "encounters") == ()
    app = open_page("quality", empty_home)
    app.toggle(key="trial").set_value(True).run()
    assert not app.exception and "No row of it is judged yet" in page_text(app)
