"""Nobody can work out a hidden cell: the shown numbers are put into equations and solved, which
knows nothing of how cells were chosen.
"""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings, strategies
from scipy.optimize import linprog

from pipeline.privacy.suppression import Cell, hidden_cells

LEAST = 11
GRIDS = strategies.dictionaries(
    strategies.tuples(strategies.integers(0, 5), strategies.integers(0, 3)),
    strategies.integers(1, 40),
    min_size=1,
    max_size=20,
)


def with_totals(grid: dict[tuple[int, int], int]) -> list[Cell]:
    """A provider x procedure table with both kinds of totals and the grand total."""
    cells = [Cell(key, n, (("row", key[0]), ("column", key[1]))) for key, n in grid.items()]
    for name, place in (("row", 0), ("column", 1)):
        for line in {key[place] for key in grid}:
            cells.append(
                Cell(
                    (name, line),
                    sum(n for key, n in grid.items() if key[place] == line),
                    (f"all {name}s",),
                    ((name, line),),
                )
            )
    return [*cells, Cell("all", sum(grid.values()), (), ("all rows", "all columns"))]


def derivable(cells: list[Cell], hidden: set) -> set:
    """Hidden cells on which all solutions of "parts add up to the total" agree, by the rank of the
    equations.
    """
    unknown = [cell for cell in cells if cell.key in hidden]
    lines = {line for cell in cells for line in cell.lines}
    matrix = np.array(
        [[(line in cell.parts_of) - (line in cell.total_of) for cell in unknown] for line in lines],
        dtype=float,
    )
    if not unknown:
        return set()
    rank = np.linalg.matrix_rank(matrix)
    return {
        cell.key
        for place, cell in enumerate(unknown)
        if np.linalg.matrix_rank(np.delete(matrix, place, axis=1)) == rank - 1
    }


@given(GRIDS)
@settings(max_examples=300, deadline=None)
def test_no_hidden_cell_can_be_worked_out_from_the_shown_ones(grid):
    cells = with_totals(grid)
    hidden = hidden_cells(cells, LEAST)
    assert {cell.key for cell in cells if cell.n < LEAST} <= hidden
    assert derivable(cells, hidden) == set()


@given(GRIDS)
@settings(max_examples=300, deadline=None)
def test_a_line_with_a_shown_total_hides_no_cell_or_two_that_are_enough(grid):
    hidden = hidden_cells(with_totals(grid), LEAST)
    for name, place in (("row", 0), ("column", 1)):
        for line in {key[place] for key in grid}:
            counts = [n for key, n in grid.items() if key[place] == line and key in hidden]
            assert (name, line) in hidden or not counts or len(counts) >= 2 and sum(counts) >= LEAST


@given(
    strategies.dictionaries(
        strategies.tuples(strategies.integers(0, 5), strategies.integers(0, 3)),
        strategies.integers(LEAST, 40),
        min_size=1,
        max_size=20,
    )
)
def test_nothing_is_hidden_where_nothing_is_small(grid):
    assert hidden_cells(with_totals(grid), LEAST) == set()


@given(
    strategies.dictionaries(
        strategies.tuples(strategies.integers(0, 5), strategies.integers(0, 3)),
        strategies.integers(0, 40).flatmap(
            lambda n: strategies.tuples(strategies.just(n), strategies.integers(0, n))
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=150, deadline=None)
def test_each_hidden_cell_can_be_another_number_unless_nothing_is_left_to_hide(grid):
    sizes = {key: n for key, (n, _) in grid.items()}
    events = {key: own for key, (_, own) in grid.items()}
    cells = [
        replace(cell, events=float(counted.n))
        for cell, counted in zip(with_totals(sizes), with_totals(events), strict=True)
    ]
    hidden = hidden_cells(cells, LEAST)
    of_line = {
        line: [cell for cell in cells if line in cell.lines]
        for cell in cells
        for line in cell.lines
    }
    for fixed in fixed_by_bounds(cells, hidden):
        assert all(cell.key in hidden for line in fixed.lines for cell in of_line[line])


def fixed_by_bounds(cells: list[Cell], hidden: set) -> list[Cell]:
    """Hidden cells of somebody whose events can be one number alone: from none to all in each cell,
    parts adding up to totals (HiGHS).
    """
    unknown = [cell for cell in cells if cell.key in hidden]
    lines = sorted({line for cell in cells for line in cell.lines}, key=str)
    matrix = np.array(
        [[(line in cell.parts_of) - (line in cell.total_of) for cell in unknown] for line in lines],
        dtype=float,
    )
    value = matrix @ np.array([cell.events for cell in unknown])
    found = []
    for place, cell in enumerate(unknown):
        aim = np.eye(len(unknown))[place]
        ends = [
            sign
            * linprog(
                sign * aim, A_eq=matrix, b_eq=value, bounds=[(0, other.n) for other in unknown]
            ).fun
            for sign in (1, -1)
        ]
        if cell.n and ends[1] - ends[0] < 1 - 1e-6:
            found.append(cell)
    return found


@given(
    strategies.dictionaries(
        strategies.tuples(strategies.integers(0, 5), strategies.integers(0, 3)),
        strategies.tuples(*[strategies.integers(0, 30)] * 3),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=150, deadline=None)
def test_no_further_number_of_people_is_few_in_a_shown_cell_or_in_the_hidden_ones_of_a_line(grid):
    sizes = {key: sum(people) for key, people in grid.items()}
    totals = [with_totals({key: people[kind] for key, people in grid.items()}) for kind in range(3)]
    cells = [
        replace(cell, people=tuple(float(own.n) for own in numbers))
        for cell, *numbers in zip(with_totals(sizes), *totals, strict=True)
    ]
    hidden = hidden_cells(cells, LEAST)
    few = {cell.key for cell in cells if any(0 < n < LEAST for n in (cell.n, *cell.people))}
    assert few <= hidden and derivable(cells, hidden) == set()
    for name, place in (("row", 0), ("column", 1)):
        for line in {key[place] for key in grid} - {key[1] for key in hidden if key[0] == name}:
            own = [people for key, people in grid.items() if key[place] == line and key in hidden]
            assert not any(0 < sum(kind) < LEAST for kind in zip(*own, strict=True))


def test_the_smallest_neighbours_are_hidden_with_a_small_cell():
    grid = {(row, column): 20 + 10 * row + column for row in range(3) for column in range(3)} | {
        (0, 0): 4
    }
    assert hidden_cells(with_totals(grid), LEAST) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_two_rings_that_one_cell_joins_do_not_give_that_cell_away():
    """Every line hides two or more cells and yet the cell between the rings would be known: what
    lines alone do not see.
    """
    small = {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 2), (3, 3)}
    grid = {
        (row, column): 10 if (row, column) in small else 30
        for row in range(4)
        for column in range(4)
    }
    cells = with_totals(grid)
    assert derivable(cells, small) == {(1, 2)}
    hidden = hidden_cells(cells, LEAST)
    assert small < hidden and derivable(cells, hidden) == set()


def test_what_was_hidden_before_stays_hidden_and_is_not_left_alone_in_its_line():
    grid = {(row, column): 20 + 10 * row + column for row in range(3) for column in range(3)}
    hidden = hidden_cells(with_totals(grid), LEAST, {(1, 1)})
    assert (1, 1) in hidden and derivable(with_totals(grid), hidden) == set()
    assert len([key for key in hidden if key in grid and key[0] == 1]) >= 2


def test_a_house_without_a_cell_hides_none():
    assert hidden_cells([], LEAST) == set()
