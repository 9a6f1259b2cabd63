"""Guidance for growing systems: a library without Slack and without a database."""
