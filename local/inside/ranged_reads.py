"""Reads parts of objects from disk, of versions too.

The engine ignores Range where a version is named, and reads the whole object for a part of it: the splits of
a large order file would each cost all of it.
"""

import threading
from pathlib import Path
from typing import Any

from local.inside.stored_bodies import StoredBody

_wanted = threading.local()


def apply(s3: Any) -> None:
    """Answer ranged GETs of S3 from the part of the file on disk."""
    get_object, read_body, version_body = s3._get_object, s3._read_body, s3._version_body

    def ranged(bucket_name: str, key: str, headers: dict[str, str], query_params: Any = None) -> Any:
        _wanted.range = headers.get("range", "")
        try:
            answer = get_object(bucket_name, key, headers, query_params)
            status, answer_headers, body = answer
            if status == 200 and _wanted.range:
                return _part(s3, bucket_name, key, answer_headers, body, _wanted.range)
            return (status, answer_headers, body[:]) if isinstance(body, StoredBody) else answer
        finally:
            _wanted.range = ""

    def stored_body(bucket_name: str, key: str, obj: dict[str, Any]) -> Any:
        path = s3._object_disk_path(bucket_name, key) if obj.get("body") is None else None
        if getattr(_wanted, "range", "") and path and Path(path).is_file():
            return StoredBody(Path(path))
        return read_body(bucket_name, key, obj)

    def stored_version(bucket: Any, bucket_name: str, key: str, v: dict[str, Any]) -> Any:
        if not getattr(_wanted, "range", ""):
            return version_body(bucket, bucket_name, key, v)
        if v.get("data") is None and s3._version_file_exists(bucket_name, key, v["version_id"]):
            return StoredBody(Path(s3._version_disk_path(bucket_name, key, v["version_id"])))
        return version_body(bucket, bucket_name, key, v)

    s3._get_object, s3._read_body, s3._version_body = ranged, stored_body, stored_version


def _part(
    s3: Any, bucket_name: str, key: str, headers: dict[str, str], body: StoredBody | bytes, wanted: str
) -> tuple[int, dict[str, str], bytes]:
    size = len(body)
    found = s3._parse_range(wanted, size)
    if found is None:
        error = {"Content-Type": "application/xml", "Content-Range": f"bytes */{size}"}
        return 416, error, s3._xml_body(s3._range_error_xml(bucket_name, key))
    start, end = found
    part = body[start : end + 1]
    checked = {
        name: value for name, value in headers.items() if not name.lower().startswith("x-amz-checksum")
    }
    return (
        206,
        {
            **checked,
            "Content-Length": str(len(part)),
            "Content-Range": f"bytes {start}-{end}/{size}",
        },
        part,
    )
