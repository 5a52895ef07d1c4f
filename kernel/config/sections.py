"""The remaining sections of the config: site, bus, store, web, ingest, models, detect, health."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kernel.config.base import LONGEST_S, Fraction, PositiveSeconds, Section, described
from kernel.config.camera import DecodeWith, LoopFilter, RtspClient


class Language(StrEnum):
    """Languages of the wall."""

    ZH_CN = "zh-CN"
    EN = "en"


class SiteConfig(Section):
    """Whose command room this is."""

    name: str = described("Name of the room, shown on the wall.", "瞭望")
    unit: str = described("Root unit; its users see every camera.", "bureau", min_length=1)
    timezone: str = described("IANA time zone of everything shown.", "Asia/Shanghai")
    language: Language = described("Language of the wall before a user chooses: zh-CN or en.", Language.ZH_CN)


class BusConfig(Section):
    """The Redis bus."""

    url: str = described("redis:// or unix:// address; empty: the supervisor starts a server of its own.", "")


class StoreConfig(Section):
    """Where alerts, users and intervals are kept."""

    url: str = described("SQLAlchemy address; empty: SQLite in the data directory.", "")


class WebConfig(Section):
    """The operators' page and its API."""

    host: str = described("Address to listen on.", "127.0.0.1", min_length=1)
    port: Annotated[int, Field(ge=0, le=65535)] = described("Port to listen on.", 8080)
    session_timeout_s: PositiveSeconds = described("Without a request for this long a sign-in ends.", 12 * 3600.0)
    secure_cookie: bool = described("Send the session cookie over HTTPS only; set it behind TLS.", False)
    tls_certificate: Path | None = described("Certificate file (PEM) to serve HTTPS itself.", None)
    tls_key: Path | None = described("Key file (PEM) to serve HTTPS itself.", None)


class IngestConfig(Section):
    """How cameras are taken in."""

    decode: DecodeWith = described(
        "What decodes pictures to be analysed: auto (hardware where it decodes right and costs the processor no more), "
        "cuda, vaapi or cpu; what is not there is logged, and the CPU decodes.",
        DecodeWith.AUTO,
    )
    rtsp_client: RtspClient = described(
        "What reads RTSP over TCP: auto (Lookout's own client, which hands a picture on one frame interval sooner, and "
        "FFmpeg for what it does not understand) or ffmpeg; UDP and rtsps:// are always read by FFmpeg.",
        RtspClient.AUTO,
    )
    loop_filter: LoopFilter = described(
        "Whether the CPU smooths the edges of blocks while it decodes: always, never, or auto (not while the detector "
        "comes to a camera at less than 0.9 of detect.fps for want of time). Without it decoding takes a quarter less "
        "and costs accuracy, the more the longer a camera's keyframes lie apart (docs/performance.md).",
        LoopFilter.AUTO,
    )


class ModelsConfig(Section):
    """Where models lie and which one is used."""

    dir: Path = described("Directory of models, one folder each with its card.", Path("models"))
    default: str = described(
        "Model for cameras that name none: a folder in dir, or the path of a file.", "district-n", min_length=1
    )
    pull_from: str = described(
        "Where `lookout models pull NAME` finds NAME/card.json and NAME/model.onnx, https://…; empty: by full address.",
        "",
    )


class Backend(StrEnum):
    """Inference engines."""

    AUTO = "auto"
    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"
    TORCH = "torch"


class Precision(StrEnum):
    """Number format inference runs in."""

    AUTO = "auto"
    BF16 = "bf16"
    FP32 = "fp32"
    INT8 = "int8"


class DetectConfig(Section):
    """How frames are analysed."""

    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda:[0-9]+)$")] = described(
        "auto (every GPU that PyTorch can use, a detector each; else the CPU), cpu, or one GPU: cuda:0, cuda:1, ….",
        "auto",
    )
    backend: Backend = described(
        "auto (torch on a GPU, else the faster on the CPU), openvino, onnxruntime or torch.", Backend.AUTO
    )
    precision: Precision = described(
        "auto (fp16 on a GPU; on a CPU the fastest of fp32, bf16 and, where a model has it, int8), bf16, fp32 or int8.",
        Precision.AUTO,
    )
    fps: Annotated[float, Field(gt=0, le=60)] = described("Analysed frames a second wanted per camera.", 5.0)
    batch_max: Annotated[int, Field(ge=1, le=64)] = described("Largest batch.", 8)
    deadline_ms: Annotated[float, Field(gt=0, le=60_000)] = described(
        "A batch leaves when its oldest frame waited this long.", 60.0
    )
    min_confidence: Fraction = described("Detections below this are dropped at once; trackers use the weak ones.", 0.1)
    nms_iou: Fraction = described("Overlap at which the weaker of two boxes is dropped, for heads without NMS.", 0.6)


class HealthConfig(Section):
    """Online rate and its alerts."""

    online_target: Fraction = described("Online rate the district has to reach.", 0.90)
    coverage_target: Fraction = described("Share of registered cameras connected and analysed to reach.", 0.90)
    observation_min: Fraction = described("Below this observed share a verdict is withheld.", 0.95)
    offline_debounce_s: Annotated[float, Field(ge=0, le=LONGEST_S)] = described(
        "Offline this long before an alert is raised.", 60.0
    )
    auth_retry_s: PositiveSeconds = described("Wait after a refused password: recorders lock accounts.", 600.0)
    retry_max_s: PositiveSeconds = described("Longest wait between two tries of a camera.", 60.0)
