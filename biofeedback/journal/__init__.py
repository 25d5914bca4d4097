"""The journal: people, their sittings, recordings and calibrations, kept in a database."""
