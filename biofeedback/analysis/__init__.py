"""A recording becomes figures: how tense each muscle was, and how far they can be trusted."""
