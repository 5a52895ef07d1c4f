"""The drones as the API tells of them: their board, their patrols, and what a person orders."""
