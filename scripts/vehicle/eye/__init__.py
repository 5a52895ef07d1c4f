"""What the drone's camera sees: a painted ground with people and vehicles on it, from the vehicle's pose, over RTSP.

ground_map (once) + traffic (in time) + vehicle's pose and gimbal -> view -> live_loop (H.264) -> the district's RTSP
"""
