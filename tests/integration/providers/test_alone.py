"""A provider who does a procedure alone is compared with nobody."""

import sqlite3
from contextlib import closing

from pipeline.services.providers import explain_providers, provider_profile
from tests.warehouse import copied, query


def test_what_one_provider_alone_does_is_beside_nothing(sample_home, tmp_path):
    settings = copied(sample_home, tmp_path / "home")
    ((npi, cpt),) = query(
        settings.home,
        "select npi, cpt from provider_procedure_scorecard order by encounter_count desc limit 1",
    )
    before = provider_profile.profile(settings, npi)
    assert not before.procedures["is_alone"].any()
    assert any("twice those of the same patients" in each for each in before.sentences)
    with closing(sqlite3.connect(settings.warehouse_path)) as connection, connection:
        connection.execute(
            "delete from provider_procedure_scorecard where npi <> ? and cpt = ?", (npi, cpt)
        )
    own = provider_profile.profile(settings, npi).procedures.set_index("cpt")
    assert own["is_alone"].to_dict() == {each: each == cpt for each in own.index}
    assert "nobody else" in own.loc[cpt, "cost_words"]
    assert explain_providers.ALONE in own.loc[cpt, "words"] or "hidden" in own.loc[cpt, "words"]

    with closing(sqlite3.connect(settings.warehouse_path)) as connection, connection:
        connection.execute("delete from provider_procedure_scorecard where npi <> ?", (npi,))
    alone = " ".join(provider_profile.profile(settings, npi).sentences)
    assert "elsewhere" not in alone and "Best estimate" not in alone
