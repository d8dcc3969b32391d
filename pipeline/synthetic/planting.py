"""Plans one delivery with planted row-level defects."""

from __future__ import annotations

from pipeline.errors import InputRefused
from pipeline.synthetic.defects import Defect
from pipeline.synthetic.plan import DeliveryPlan, Planted, Row, TablePlan
from pipeline.synthetic.population import Population
from pipeline.synthetic.roster import networks
from pipeline.synthetic.selection import Selection
from pipeline.synthetic.tables import TABLE_BY_ENTITY, TABLES

BIG = ("patients", "encounters", "referrals", "adverse_events")
_WANTED_ENCOUNTERS = {"PRV-01": 60, "NET-03": 80}  # roughly, of the provider that is hit


def plan_single(
    population: Population, defects: tuple[Defect, ...], rows_per_defect: int, overlap: bool
) -> DeliveryPlan:
    """One delivery with `each` rows of every defect of a big table and one of every defect of a
    small one.
    """
    plan = DeliveryPlan(
        1, {table.entity: TablePlan(0, population.size(table.entity)) for table in TABLES}
    )
    hit = _providers_hit(population, defects)
    held_rules = {d.rule_id for d in defects if d.entity == "providers" and d.action == "Q"}
    plan.held.providers |= {hit[rule_id] for rule_id in held_rules}
    plant_providers(population, plan, defects, hit)
    plant_networks(population, plan, defects, hit)
    selection = Selection(population, plan.held, overlap)
    big = [defect for defect in defects if defect.entity in BIG]
    for defect in sorted(big, key=lambda d: BIG.index(d.entity)):
        _plant_big(population, plan, defect, rows_per_defect, selection)
    return plan


def plant_providers(
    population: Population, plan: DeliveryPlan, defects: tuple[Defect, ...], hit: dict[str, int]
) -> None:
    """Fills the providers table, with each provider defect on a provider of its own."""
    roster = population.roster
    spoiled = {hit[d.rule_id]: d for d in defects if d.entity == "providers"}
    rows = plan.tables["providers"].after
    for provider in range(len(roster.npis)):
        good = roster.row(provider)
        defect = spoiled.get(provider)
        if defect is None or defect.how == "rival":
            rows.append(Row(good))
        if defect is not None:
            rows.append(spoiled_row(defect, good, roster.npis[provider]))


def plant_networks(
    population: Population, plan: DeliveryPlan, defects: tuple[Defect, ...], hit: dict[str, int]
) -> None:
    """Fills the networks table; a token defect hits one provider's NPI in every list."""
    roster, kinds = (
        population.roster,
        {d.rule_id: d for d in defects if d.entity == "employer_networks"},
    )
    everywhere = {hit[rule_id] for rule_id in hit}
    rows = plan.tables["employer_networks"].after
    for employer, members in networks(roster, population.seed, everywhere).items():
        tokens, notes = [roster.npis[provider] for provider in members], []
        for rule_id, defect in kinds.items():
            if rule_id not in hit:
                continue
            good = roster.npis[hit[rule_id]]
            bad = defect.spoil(good)
            at = tokens.index(good)
            tokens = (
                [*tokens, bad] if defect.how == "repeat" else [*tokens[:at], *tokens[at + 1 :], bad]
            )
            notes.append(planted(defect, f"{employer}|{good}", good, bad))
        row = {"employer_id": employer, "in_network_npis": ", ".join(tokens)}
        if "NET-07" in kinds and employer == roster.employers[-1]:
            row, notes = spoiled_row(kinds["NET-07"], row, employer).values, []
            notes.append(planted(kinds["NET-07"], employer, ", ".join(tokens), ""))
        rows.append(Row(row, tuple(notes)))
    for rule_id in ("NET-01", "NET-02"):
        if rule_id in kinds:
            empty = {
                "employer_id": roster.employers[0],
                "in_network_npis": ", ".join(roster.npis[:3]),
            }
            rows.append(spoiled_row(kinds[rule_id], empty, roster.employers[0]))


def planted(
    defect: Defect, key: str, good: str, bad: str, resolves_in: int | None = None
) -> Planted:
    """The record of one planted defect."""
    return Planted(
        defect.rule_id,
        defect.entity,
        key,
        defect.column,
        good,
        bad,
        defect.action,
        defect.promotable,
        resolves_in,
    )


def spoiled_row(
    defect: Defect, good: dict[str, str], key: str, resolves_in: int | None = None
) -> Row:
    """The row with its cell spoiled, and the record of it."""
    bad = defect.spoil(good[defect.column])
    return Row(
        good | {defect.column: bad}, (planted(defect, key, good[defect.column], bad, resolves_in),)
    )


def key_of(entity: str, row: dict[str, str]) -> str:
    """The key of a row as one text."""
    return "|".join(row[column] for column in TABLE_BY_ENTITY[entity].key)


def _providers_hit(population: Population, defects: tuple[Defect, ...]) -> dict[str, int]:
    """A provider of its own for every defect of a provider row or of one NPI in the networks."""
    hit: dict[str, int] = {}
    for defect in defects:
        small = defect.entity == "providers" or defect.rule_id in ("NET-03", "NET-04", "NET-06")
        if small:
            if len(hit) == len(population.roster.npis):
                raise InputRefused(
                    f"{len(hit)} providers are too few for these defects",
                    "generate",
                    "ask for more rows",
                )
            encounters_needed = _WANTED_ENCOUNTERS.get(defect.rule_id, 30)
            hit[defect.rule_id] = population.roster.nearest_to(
                encounters_needed, population.rows, set(hit.values())
            )
    return hit


def _plant_big(
    population: Population,
    plan: DeliveryPlan,
    defect: Defect,
    rows_per_defect: int,
    selection: Selection,
) -> None:
    table = plan.tables[defect.entity]
    adverse = True if defect.entity == "adverse_events" else None
    numbers = selection.rows(
        defect.entity, defect.name, rows_per_defect, table.first, table.last, adverse
    )
    for number in numbers:
        good = population.row(defect.entity, number)
        row = spoiled_row(defect, good, key_of(defect.entity, good))
        if defect.how == "cell":
            table.instead[number] = (row,)
        else:
            table.after.append(row)
        if defect.action == "Q" and defect.how in ("cell", "rival"):
            {"patients": plan.held.patients, "encounters": plan.held.encounters}.get(
                defect.entity, set()
            ).add(number)
