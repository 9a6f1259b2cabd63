"""Every table the bot has: what migrations compare the schema with."""

from importlib import import_module

FEATURES_WITH_TABLES = ("delivery", "questions", "teams", "checkins", "triage")


def every_table() -> None:
    """Imports the tables of all features, so that `Base.metadata` knows them."""
    for feature in FEATURES_WITH_TABLES:
        import_module(f"bot.{feature}.model")
