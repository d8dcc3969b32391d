"""The form of a value: what it looks like, without saying what it is."""

#: A form is cut here; what is longer looks alike.
LONGEST = 24


def value_form(value: str | None) -> str:
    """`99.99.9999` of `15.01.1945`, `a 99` of `Ward 12`: a digit is 9, letters together are one a,
    anything else is itself; `` of nothing.
    """
    form: list[str] = []
    for sign in value or "":
        kind = "9" if sign.isdigit() else "a" if sign.isalpha() else sign
        if kind != "a" or form[-1:] != ["a"]:
            form.append(kind)
        if len(form) > LONGEST:
            return "".join(form[:LONGEST]) + "…"
    return "".join(form)
