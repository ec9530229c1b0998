"""Takes uploads in parts through files.

The engine holds all parts in memory, joins them there and keeps every version's bytes for as long as it runs,
besides those on disk: an order file of 10 GB takes more than 20 GB.
"""

import inspect
from pathlib import Path
from typing import Any

from local.inside.stored_bodies import StoredBody

_ON_DISK = {
    'hashlib.md5(stored["body"]).digest()': 'bytes.fromhex(stored["etag"].strip(\'"\'))',
    'b"".join(combined_parts)': "_joined(combined_parts)",
}


def apply(s3: Any, folder: Path) -> None:
    """Hold the parts of uploads in files of a folder, and no bytes of what is on disk."""
    folder.mkdir(exist_ok=True)
    upload_part, abort, write = s3._upload_part, s3._abort_multipart_upload, s3._atomic_write
    record = s3._record_object_version
    complete = _changed(s3, "_complete_multipart_upload", _ON_DISK)

    def uploaded_part(
        bucket_name: str, key: str, body: bytes, query_params: Any, headers: dict[str, str]
    ) -> Any:
        answer = upload_part(bucket_name, key, body, query_params, headers)
        if answer[0] == 200:
            to_files(s3._qp(query_params, "uploadId"))
        return answer

    def to_files(upload_id: str) -> None:
        for number, part in list(s3._multipart_uploads.get(upload_id, {}).get("parts", {}).items()):
            if isinstance(part["body"], bytes):
                path = folder / f"{upload_id}-{number}"
                path.write_bytes(part["body"])
                part["body"] = StoredBody(path)

    def completed(bucket_name: str, key: str, body: bytes, query_params: Any, headers: Any = None) -> Any:
        upload_id = s3._qp(query_params, "uploadId")
        to_files(upload_id)  # those that were copied from other objects
        answer = complete(bucket_name, key, body, query_params, headers)
        if answer[0] == 200:
            _remove_parts(folder, upload_id)
        return answer

    def aborted(bucket_name: str, key: str, query_params: Any) -> Any:
        answer = abort(bucket_name, key, query_params)
        _remove_parts(folder, s3._qp(query_params, "uploadId"))
        return answer

    def written(path: str, data: Any, *, text: bool = False) -> None:
        if isinstance(data, StoredBody):
            data.move(path)
        else:
            write(path, data, text=text)

    def recorded(bucket_name: str, key: str, prior: Any, obj: dict[str, Any], _: Any) -> Any:
        return record(bucket_name, key, prior, obj, None)

    s3._joined = _joined
    s3._upload_part, s3._complete_multipart_upload, s3._abort_multipart_upload = (
        uploaded_part,
        completed,
        aborted,
    )
    s3._atomic_write, s3._record_object_version = written, recorded


def _joined(parts: list[StoredBody]) -> StoredBody:
    whole, *others = parts
    for part in others:
        whole.append(part)
    return whole


def _remove_parts(folder: Path, upload_id: str) -> None:
    for path in folder.glob(f"{upload_id}-*"):
        path.unlink(missing_ok=True)


def _changed(module: Any, name: str, texts: dict[str, str]) -> Any:
    """A function of the engine with texts replaced that must occur exactly once, so that another version is
    noticed at start."""
    source = inspect.getsource(getattr(module, name))
    for old, new in texts.items():
        if source.count(old) != 1:
            raise RuntimeError(f"the engine's {name} no longer contains {old!r} exactly once")
        source = source.replace(old, new)
    exec(source, module.__dict__)
    return getattr(module, name)
