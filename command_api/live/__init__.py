"""Live gateway: media socket -> source -> passthrough or one shared transcode -> viewers; alerts -> data channel."""
