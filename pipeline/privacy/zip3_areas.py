"""ZIP3 areas of 20,000 people or fewer, whose three digits become 000 (45 CFR 164.514(b)(2)(i)(B)).

The rule asks for the newest census. The list is the union of two published ones: that of the 2000
census (guidance of the HHS on de-identification) and that of the 2010 census (as Microsoft's
open-source tools for anonymization of FHIR ship it, `restrictedZipCodeTabulationAreas`). No list of
the 2020 census was at hand; an area that became small since then is not in it. To take one in, add
it below as CENSUS_2020 and to RESTRICTED_ZIP3: the sums of the population of the census's ZIP Code
Tabulation Areas (table P1, by ZCTA5) over their first three digits, those of 20,000 and below.

Three digits under which no ZIP code is known are of an area whose population nobody has told, and
count as restricted.
"""

from functools import cache

from pipeline.config.project import PROJECT_DIR

#: ZIP codes with their places; the first column is the code.
_KNOWN_ZIPS = PROJECT_DIR / "icon_dbt" / "seeds" / "reference_table" / "zip_centroid.csv"

CENSUS_2000 = frozenset(
    [
        "036",
        "059",
        "063",
        "102",
        "203",
        "556",
        "692",
        "790",
        "821",
        "823",
        "830",
        "831",
        "878",
        "879",
        "884",
        "890",
        "893",
    ]
)
CENSUS_2010 = frozenset(
    [
        "036",
        "059",
        "102",
        "203",
        "205",
        "369",
        "556",
        "692",
        "821",
        "823",
        "878",
        "879",
        "884",
        "893",
    ]
)
RESTRICTED_ZIP3 = CENSUS_2000 | CENSUS_2010


def is_restricted(zip3: str) -> bool:
    """Whether an area of three digits has too few people to be told, or nobody knows how many."""
    return zip3 in RESTRICTED_ZIP3 or zip3 not in _known()


@cache
def _known() -> frozenset[str]:
    """The first three digits of all ZIP codes that there are."""
    with _KNOWN_ZIPS.open(encoding="utf-8") as file:
        next(file)
        return frozenset(line[:3] for line in file)
