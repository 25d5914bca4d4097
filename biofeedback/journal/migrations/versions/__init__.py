"""The steps; each names the one before it. A step that was shipped is never changed."""
