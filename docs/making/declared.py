"""Rules, tables, settings and variables as the project declares them, in Markdown."""

import re

from docs.making.marked import table
from pipeline.config.project import PROJECT_DIR
from pipeline.config.table import SETTINGS
from pipeline.declared.dictionary import ModelEntry, load_dictionary
from pipeline.declared.layers import Layer
from pipeline.declared.sources import Rule, SourceContract, load_contracts, load_delivery_rules

STAGES = {
    "file": "while the file is read",
    "before_promotion": "before promotion",
    "after_promotion": "after promotion, so it only remarks",
    "table": "on the whole table",
}
TITLES = {layer.label: f"{layer.label} ({layer.medallion})" for layer in Layer} | {
    "seeds": "seeds (reference tables)"
}


def settings() -> str:
    """Every setting with its default, environment variable, and whether a home may set it."""
    home = str(PROJECT_DIR)
    defaults = [setting.default.replace(home, ".").removeprefix("./") for setting in SETTINGS]
    return table(
        ("setting", "default", "environment variable", "in the home", "what it does"),
        [
            (
                f"`{setting.name}`",
                f"`{default}`" if default else "",
                f"`{setting.env_var}`",
                "yes" if setting.is_editable else "",
                setting.help,
            )
            for setting, default in zip(SETTINGS, defaults, strict=True)
        ],
    )


def variables() -> str:
    """The variables of the dbt project with the comments that stand above them."""
    text = (PROJECT_DIR / "icon_dbt" / "dbt_project.yml").read_text(encoding="utf-8")
    body = re.search(r"^vars:\n(.*?)^\S", text, re.DOTALL | re.MULTILINE)[1]
    rows, remark = [], ""
    for line in body.splitlines():
        bare = line.strip()
        if bare.startswith("#"):
            remark = bare.removeprefix("#").strip()
        elif ":" in bare:
            name, _, value = bare.partition(":")
            rows.append((f"`{name}`", f"`{value.strip()}`", remark))
    return table(("variable", "default", "why"), rows)


def sources() -> str:
    """The sources: file, key and columns as delivered."""
    rows = [
        (
            f"`{contract.file_name}`",
            entity,
            ", ".join(f"`{name}`" for name in contract.delivered),
            ", ".join(f"`{name}`" for name in contract.key),
        )
        for entity, contract in load_contracts().items()
    ]
    return table(("file", "source", "columns as delivered", "key after mapping"), rows)


def rules() -> str:
    """A section a source, in it a paragraph a rule."""
    parts = [
        f"## {entity}\n\n{contract.description}\n\n"
        + "\n".join(_rule(rule, contract) for rule in _by_id(contract.rules))
        for entity, contract in load_contracts().items()
    ]
    parts.append(
        "## Files and whole tables\n\n"
        + "\n".join(_rule(rule) for rule in _by_id(load_delivery_rules()))
    )
    return "\n".join(parts)


def rule_counts() -> str:
    """How many rules take which action."""
    every = [rule for contract in load_contracts().values() for rule in contract.rules] + list(
        load_delivery_rules()
    )
    actions = {
        action: sum(rule.action == action for rule in every)
        for action in ("quarantine", "flag", "fix", "reject")
    }
    action_counts = ", ".join(f"{count} {action}" for action, count in actions.items())
    return f"{len(every)} checks under {len({rule.rule_id for rule in every})} rule ids: {action_counts}."


def _by_id(same_id: tuple[Rule, ...]) -> list[Rule]:
    return sorted(same_id, key=lambda rule: (rule.rule_id, rule.name))


def _rule(rule: Rule, contract: SourceContract | None = None) -> str:
    facts = [f"action **{rule.action}**", f"judged {STAGES[rule.stage]}", f"Kahn: {rule.kahn}"]
    if rule.column:
        facts.insert(0, f"column `{rule.column}`")
    if rule.threshold is not None:
        facts.append(f"threshold {rule.threshold:g}")
    if rule.promotable:
        facts.append("released by itself when its cause disappears")
    return (
        f"### {rule.rule_id} `{rule.name}`\n\n{rule.why}\n\n- {'; '.join(facts)}.\n"
        f"- What to do: {rule.remedy}\n"
    )


def data_dictionary() -> str:
    """Every table and view with its grain, purpose and columns, layer by layer."""
    entries = load_dictionary()
    parts = []
    for layer in (*(layer.label for layer in Layer), "seeds"):
        parts.append(f"## {TITLES[layer]}\n")
        parts += [_entry(entry, entries) for entry in entries.values() if entry.layer == layer]
    return "\n".join(parts)


def renamed_columns() -> str:
    """Every table and column of gold and features that had another name, table by table."""
    parts = []
    for entry in load_dictionary().values():
        before = dict(entry.meta).get("renamed_from")
        columns = [
            (f"`{dict(column.meta)['renamed_from']}`", f"`{column.name}`")
            for column in entry.columns
            if "renamed_from" in dict(column.meta)
        ]
        if before or columns:
            parts.append(f"### {entry.name}\n")
        if before:
            parts.append(f"The table was called `{before}`.\n")
        if columns:
            parts.append(table(("before", "now"), columns) + "\n")
    return "\n".join(parts)


def _entry(entry: ModelEntry, entries: dict[str, ModelEntry]) -> str:
    lines = [f"### {entry.name}\n", f"{entry.description}\n"]
    columns = entry.columns
    if not columns and entry.name.endswith("_latest"):
        columns = entries[entry.name.removesuffix("_latest")].columns
    if columns:
        has_classes = any(column.classification for column in columns)
        headings = ("column", "meaning", "privacy") if has_classes else ("column", "meaning")
        rows = [
            (f"`{column.name}`", column.description, column.classification)[: len(headings)]
            for column in columns
        ]
        lines.append(table(headings, rows) + "\n")
    return "\n".join(lines)
