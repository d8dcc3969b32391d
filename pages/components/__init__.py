"""Widgets that the screens share; `charts` alone imports plotly and `state` alone names session keys."""
