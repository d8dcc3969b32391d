"""What a run writes beside its databases (logs, results of steps, compiled SQL) holds no
identifier, date of birth or home of a patient.
"""

import re

from benchmarks.disclosure.identity import TOKEN, known_values
from pipeline.config import load_settings

#: A moment in seconds since 1970; dbt writes thousands, and some fraction is somebody's number.
UNIX_MOMENT = re.compile(r"\b[0-9]{10}\.[0-9]+\b")


def test_no_log_no_result_and_no_compiled_statement_holds_a_known_value(sample_home):
    settings = load_settings(home=sample_home)
    known = known_values(settings)
    assert len(known) > 1_000
    read = 0
    for path in settings.dbt_dir.rglob("*"):
        if path.is_file():
            read += 1
            text = UNIX_MOMENT.sub("", path.read_bytes().decode("latin-1"))
            assert not known & set(TOKEN.findall(text)), path.name
    assert read > 0
