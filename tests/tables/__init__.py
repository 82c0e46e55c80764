"""Tests of models of tables: what they are worth, beside what."""
