"""A synthetic province: people, categories, years of history and receipts, never a real person."""

from enrollment.services.seed.province import (
    PROVINCES,
    Seeded,
    SeedRefused,
    check_request,
    seed_province,
)

__all__ = ["PROVINCES", "SeedRefused", "Seeded", "check_request", "seed_province"]
