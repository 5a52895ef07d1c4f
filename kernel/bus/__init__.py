"""The Redis bus: durable streams with consumer groups (at least once), passing pub/sub, and one hash of open incidents.

DurablePublisher --XADD--> alerts, camera_state, commands --XREADGROUP/XACK--> consume(handle)
                 --PUBLISH--> tracks:<camera>, detector_status, … --> subscribe()
"""
