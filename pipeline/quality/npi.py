"""The check digit of a National Provider Identifier: Luhn over `80840` and the ten digits."""

#: What the prefix 80840 adds to the Luhn sum of the ten digits.
PREFIX_SUM = 24


def check_digit(nine: str) -> str:
    """The tenth digit that makes nine digits an NPI; raises ValueError when they are not nine
    digits.
    """
    if len(nine) != 9 or not nine.isascii() or not nine.isdigit():
        raise ValueError("an NPI without its check digit has nine digits")
    total = PREFIX_SUM
    for position, digit in enumerate(map(int, nine)):
        doubled = digit * 2 if position % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def completed(nine: str) -> str:
    """The NPI that starts with these nine digits."""
    return nine + check_digit(nine)


def is_valid(npi: str | None) -> bool:
    """Whether a text is an NPI: ten digits, the first 1 or 2, the last the check digit."""
    return (
        npi is not None
        and len(npi) == 10
        and npi.isascii()
        and npi.isdigit()
        and npi[0] in "12"
        and completed(npi[:9]) == npi
    )
