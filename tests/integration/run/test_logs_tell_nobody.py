"""What a run writes beside its databases (logs, results of steps, compiled SQL) holds no
identifier, date of birth or home of a patient.
"""

from benchmarks.disclosure.identity import TOKEN, known_values
from pipeline.config import load_settings


def test_no_log_no_result_and_no_compiled_statement_holds_a_known_value(sample_home):
    settings = load_settings(home=sample_home)
    known = known_values(settings)
    assert len(known) > 1_000
    read = 0
    for path in settings.dbt_dir.rglob("*"):
        if path.is_file():
            read += 1
            assert not known & set(TOKEN.findall(path.read_bytes().decode("latin-1"))), path.name
    assert read > 0
