"""The pages between sittings: entries, treatments, courses, trends."""
