"""Where on the ground it stands what a drone's camera sees.

AirPose (bus) -> PoseTrack -> eye at the frame's instant + Lens + pixel -> ground place with its error, or why not
"""
