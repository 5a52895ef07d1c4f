"""Models: their files, cards and class names; import, change while cameras run."""
