"""Every function of the services that can write says who may call it, and keeps to it."""

from importlib import import_module

import pytest

from pages.widgets import session
from pipeline.services.access.roles import ALLOWED, NotAllowed
from pipeline.store.control.actor import NOBODY, ROLES, Actor, acting_as
from tests.architecture.service_actions import service_functions, writing_functions

#: What decides who may is asked before anybody has a role.
DECIDING = "pipeline.services.access."
ACTIONS = [
    function
    for function in service_functions()
    if function in writing_functions() and not function[0].startswith(DECIDING)
]


def test_actions_are_found():
    named = {name for _, name in ACTIONS}
    assert {"waive", "release", "undo", "submit", "run_now", "ingest", "restore"} <= named


@pytest.mark.parametrize("role", [*ROLES, "", "root", "Admin"])
@pytest.mark.parametrize(("module", "name"), ACTIONS)
def test_every_action_is_done_for_the_roles_that_may_and_for_nobody_else(module, name, role):
    function = getattr(import_module(module), name)
    action = getattr(function, "needs", None)
    assert action is not None, f"{module}.{name} can write: declare who may call it with @needs"
    # the role is looked at before the arguments, of which there are none here
    expected = TypeError if role in ALLOWED[action] else NotAllowed
    with acting_as(Actor("somebody", (role,))), pytest.raises(expected):
        function()
    with acting_as(NOBODY), pytest.raises(NotAllowed):
        function()


def test_an_answer_that_was_cached_for_one_is_not_given_to_another_without_the_role(settings):
    from pipeline.services.features import exports

    with acting_as(Actor("somebody", ("viewer",))), pytest.raises(NotAllowed):
        session.cached(exports.parquet, "provider")
