"""`lookout bench stream`: cameras over RTSP, analysed live by this product and by ultralytics' stream loader in turn.

numbered cameras (one RTSP server) -> ingest + detect -> tracks on the bus -> rate and age of analysed pictures
                                   -> YOLO(...).predict(streams)           -> the same, told by the same numbers
"""
