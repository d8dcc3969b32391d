"""Synthetic deliveries: `generate` writes them, at any scale, with the truth about them."""

from pipeline.synthetic.generator import GenerateResult, generate

__all__ = ["GenerateResult", "generate"]
