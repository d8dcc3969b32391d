"""Homes that alert: their settings, and runs that fail on them."""

import pytest

from pipeline.errors import RunFailed
from pipeline.orchestrate import runner
from pipeline.orchestrate.queue import RunRequest

HEAD = 'page = "https://workbench.example/"\nname = "Test home"\n'


def webhook(hook, extra=""):
    return (
        f'[[channels]]\nkind = "webhook"\nname = "hook"\nurl = "http://127.0.0.1:{hook.port}/in"\n'
        f'secret_env = "HOOK_SECRET"\n{extra}\n'
    )


def failing(settings, builds, text="a model failed"):
    builds.append(RunFailed(text))
    with pytest.raises(RunFailed):
        runner.run_here(settings, RunRequest())


def told(hook):
    return [alert["event"] for document in hook.documents for alert in document["alerts"]]
