"""`lookout bench detect`: from decoded frames to tracks, against the bare engine and ultralytics in the same run.

frames of 16 cameras -> resize -> engine -> boxes -> tracks     the very code of the detector, batches of 8 and of 1
random tensors       -> engine                                  what OpenVINO does alone, nothing before or after
the same frames      -> ultralytics.YOLO(...).predict           lists of 8, where the extra yolo is installed
"""
