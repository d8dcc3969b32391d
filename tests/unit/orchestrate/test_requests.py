"""A request with a name is carried out once, whoever asks again; a busy pipeline is waited for as
long as one is told to.
"""

import os
import threading
import time
from dataclasses import fields, replace

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused, PipelineBusy, RunFailed
from pipeline.orchestrate import runner
from pipeline.orchestrate.lock import hold_lock
from pipeline.orchestrate.queue import RunRequest, record_request
from pipeline.orchestrate.run_end import record_success
from pipeline.quality.ledger import LedgerRow
from pipeline.store.control import runs
from pipeline.store.control.control_file import open_control
from tests.unit.orchestrate.stand_in import outcome

NAMED = RunRequest(request_id="nightly 2026-01-31")


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", wait_seconds=0)


def test_asked_again_the_same_run_answers_with_all_that_it_came_to(settings, builds):
    ledger = (LedgerRow("patients", 7, 5, 1, 0, 0, 1),)
    builds += [replace(outcome(held=("L00001",)), ledger=ledger), AssertionError("built again")]
    first = runner.run_here(settings, NAMED)
    assert runner.run_here(settings, NAMED) == first
    assert (first.status, first.ledger) == ("held", ledger)
    assert len(builds) == 1


def test_a_run_that_failed_answers_with_its_failure_and_others_are_not_meant(settings, builds):
    builds += [RunFailed("a model failed"), outcome()]
    for _ in range(2):
        with pytest.raises(RunFailed, match="a model failed"):
            runner.run_here(settings, NAMED)
    assert len(builds) == 1
    assert runner.run_here(settings, replace(NAMED, request_id="another")).status == "succeeded"


def test_a_run_whose_process_died_is_no_answer(settings, builds):
    builds.append(outcome())
    dead, _ = record_request(settings, NAMED, pid=1)
    again = runner.run_here(settings, NAMED)
    assert again.run_id != dead.run_id and again.status == "succeeded" and not builds


def test_who_asks_while_the_same_request_runs_gets_its_end(settings, builds):
    patient = replace(settings, wait_seconds=20)
    with hold_lock(settings, "a build"):
        run, _ = record_request(settings, NAMED, pid=os.getpid())
        ends: list = []
        asker = threading.Thread(target=lambda: ends.append(runner.run_here(patient, NAMED)))
        asker.start()
        time.sleep(0.3)
        result = runner.RunResult(run.run_id, "succeeded", 1.0)
        record_success(settings, result.as_dict(), {})
    asker.join(20)
    assert ends == [result]


def test_a_busy_pipeline_is_refused_at_once_or_waited_for(settings, builds):
    builds.append(outcome())
    with hold_lock(settings, "a build"):
        run, _ = record_request(settings, RunRequest(), pid=os.getpid())
        with pytest.raises(PipelineBusy, match=run.run_id):
            runner.run_here(settings, NAMED)
        with open_control(settings) as control:
            runs.finish(control, run.run_id, "succeeded")
        with pytest.raises(PipelineBusy, match="a build"):
            runner.run_here(settings, NAMED)
        letting_go = threading.Event()
        ends: list = []
        patient = replace(settings, wait_seconds=20)
        asker = threading.Thread(
            target=lambda: (letting_go.set(), ends.append(runner.run_here(patient, NAMED)))
        )
        asker.start()
        letting_go.wait()
        time.sleep(0.3)
        assert not ends
    asker.join(20)
    assert [end.status for end in ends] == ["succeeded"]


@pytest.mark.parametrize(
    "other",
    [
        {"verb": "run"},
        {"layers": ("landing_zone",)},
        {"full_refresh": True},
        {"as_of": "2031-01-01"},
        {"paths": ("/another",)},
        {"selection": ("std_patients",)},
    ],
)
def test_a_name_is_not_taken_for_another_request(settings, builds, other):
    builds += [outcome(), AssertionError("built under the name of another request")]
    first = runner.run_here(settings, NAMED)
    for ask in (runner.run_here, record_request):
        with pytest.raises(InputRefused, match=first.run_id):
            ask(settings, replace(NAMED, **other))
    assert runner.run_here(settings, replace(NAMED, requested_by="a retry")) == first


def test_every_part_of_a_request_but_its_name_and_its_author_tells_requests_apart():
    told = {
        field.name
        for field in fields(RunRequest)
        if replace(NAMED, **{field.name: "changed"}).digest != NAMED.digest
    }
    assert told == {field.name for field in fields(RunRequest)} - {"request_id", "requested_by"}
