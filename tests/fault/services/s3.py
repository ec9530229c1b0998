"""S3: objects and their versions, delete markers, conditional puts, uploads in parts and ranged reads."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fault.services.refusals import UnsupportedError, refusal

MADE = datetime(2024, 1, 1, tzinfo=UTC)
"""When every version was made: long ago, so that nothing is left to its event."""


@dataclass(frozen=True)
class Version:
    """A version of a key; without a body it is a delete marker."""

    version_id: str
    body: bytes | None


@dataclass(frozen=True)
class Upload:
    """An upload in parts that is neither completed nor aborted: the bytes by the number of the part."""

    bucket: str
    key: str
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass
class S3:
    """Buckets with versioning: the versions by key, the newest last.

    A request brings up to `put_limit_bytes`, a part that isn't the last `part_least_bytes` or more.
    """

    buckets: dict[str, dict[str, list[Version]]]
    put_limit_bytes: int = 5 * 10**9
    part_least_bytes: int = 5 << 20
    uploads: dict[str, Upload] = field(default_factory=dict, init=False)
    made: int = field(default=0, init=False)

    def head_object(self, **request: Any) -> dict[str, Any]:
        """Size and version of what a key holds now; a HEAD has no body, so its 404 has no other code."""
        _only(request, "Bucket", "Key")
        version = self._current(request["Bucket"], request["Key"])
        if version is None or version.body is None:
            raise refusal("HeadObject", "404", "Not Found")
        return {"ContentLength": len(version.body), "VersionId": version.version_id}

    def get_object(self, **request: Any) -> dict[str, Any]:
        """The bytes of a version, or of what the key holds now, or a range of them."""
        _only(request, "Bucket", "Key", "VersionId", "Range")
        if wanted := request.get("VersionId"):
            versions = self.buckets[request["Bucket"]].get(request["Key"], [])
            version = next((version for version in versions if version.version_id == wanted), None)
            missing = "NoSuchVersion"
        else:
            version, missing = self._current(request["Bucket"], request["Key"]), "NoSuchKey"
        if version is None or (version.body is None and not wanted):
            raise refusal("GetObject", missing)
        if version.body is None:
            raise refusal("GetObject", "MethodNotAllowed", "a delete marker has no bytes")
        body = _ranged(version.body, request["Range"]) if "Range" in request else version.body
        return {"Body": io.BytesIO(body), "ContentLength": len(body), "VersionId": version.version_id}

    def put_object(self, **request: Any) -> dict[str, Any]:
        """A new version, if the condition is met."""
        _only(request, "Bucket", "Key", "Body", "IfNoneMatch")
        self._bear("PutObject", request["Body"])
        self._meet("PutObject", request)
        return {"VersionId": self._add(request["Bucket"], request["Key"], bytes(request["Body"]))}

    def create_multipart_upload(self, **request: Any) -> dict[str, Any]:
        """Begin an upload in parts: nothing of it is there before it is completed."""
        _only(request, "Bucket", "Key", "ChecksumAlgorithm")
        self.made += 1
        self.uploads[f"u{self.made}"] = Upload(request["Bucket"], request["Key"])
        return {"UploadId": f"u{self.made}"}

    def upload_part(self, **request: Any) -> dict[str, Any]:
        """Take a part, instead of an earlier one of the same number."""
        _only(request, "Bucket", "Key", "UploadId", "PartNumber", "Body", "ChecksumAlgorithm")
        upload = self._upload("UploadPart", request)
        self._bear("UploadPart", request["Body"])
        part = upload.parts[request["PartNumber"]] = bytes(request["Body"])
        return _named(part)

    def complete_multipart_upload(self, **request: Any) -> dict[str, Any]:
        """Join the parts to a new version, if the condition is met; else the upload stays."""
        _only(request, "Bucket", "Key", "UploadId", "MultipartUpload", "IfNoneMatch")
        operation = "CompleteMultipartUpload"
        upload = self._upload(operation, request)
        self._meet(operation, request)
        listed = {one["PartNumber"]: one for one in request["MultipartUpload"]["Parts"]}
        if list(listed) != sorted(listed) or not listed:
            raise refusal(operation, "InvalidPartOrder")
        for number, one in listed.items():
            if number not in upload.parts or one != {"PartNumber": number, **_named(upload.parts[number])}:
                raise refusal(operation, "InvalidPart", f"part {number}")
        bodies = [upload.parts[number] for number in listed]
        if any(len(body) < self.part_least_bytes for body in bodies[:-1]):
            raise refusal(operation, "EntityTooSmall")
        del self.uploads[request["UploadId"]]
        return {"VersionId": self._add(upload.bucket, upload.key, b"".join(bodies))}

    def abort_multipart_upload(self, **request: Any) -> dict[str, Any]:
        """End an upload: its parts are gone."""
        _only(request, "Bucket", "Key", "UploadId")
        self._upload("AbortMultipartUpload", request)
        del self.uploads[request["UploadId"]]
        return {}

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        """A new version with the bytes of a file."""
        self._add(bucket, key, Path(path).read_bytes())

    def list_objects_v2(self, *, limit: int, **request: Any) -> dict[str, Any]:
        """A page of the keys that hold something."""
        _only(request, "Bucket", "Prefix", "StartAfter")
        start = request.get("StartAfter", "")
        bucket = self.buckets[request["Bucket"]]
        keys = sorted(key for key in bucket if key.startswith(request["Prefix"]) and key > start)
        keys = [key for key in keys if bucket[key] and bucket[key][-1].body is not None]
        # Like S3: no "Contents" at all where there is nothing.
        contents = {"Contents": [{"Key": key} for key in keys[:limit]]} if keys else {}
        return contents | {"IsTruncated": len(keys) > limit}

    def list_object_versions(self, *, limit: int, **request: Any) -> dict[str, Any]:
        """A page of versions and delete markers by key, of a key the newest first."""
        _only(request, "Bucket", "KeyMarker", "VersionIdMarker")
        found = [
            (key, version, version is versions[-1])
            for key, versions in sorted(self.buckets[request["Bucket"]].items())
            for version in reversed(versions)
        ]
        if marker := request.get("KeyMarker"):
            places = [(key, version.version_id) for key, version, _ in found]
            at = (marker, request["VersionIdMarker"])
            found = (
                found[places.index(at) + 1 :] if at in places else [one for one in found if one[0] > marker]
            )
        page: dict[str, Any] = {"Versions": [], "DeleteMarkers": [], "IsTruncated": len(found) > limit}
        for key, version, newest in found[:limit]:
            kind = "DeleteMarkers" if version.body is None else "Versions"
            entry = {"Key": key, "VersionId": version.version_id, "IsLatest": newest, "LastModified": MADE}
            page[kind].append(entry if version.body is None else entry | {"Size": len(version.body)})
        if page["IsTruncated"]:
            last_key, last_version, _ = found[limit - 1]
            page |= {"NextKeyMarker": last_key, "NextVersionIdMarker": last_version.version_id}
        return page

    def delete_object(self, *, bucket: str, key: str, version_id: str | None = None) -> str:
        """Put a delete marker, or remove one version for good; answers with the version's id."""
        if version_id is None:
            return self._add(bucket, key, None)
        versions = self.buckets[bucket][key]
        self.buckets[bucket][key] = [version for version in versions if version.version_id != version_id]
        return version_id

    def _bear(self, operation: str, body: bytes) -> None:
        if len(body) > self.put_limit_bytes:
            raise refusal(operation, "EntityTooLarge", f"{len(body)} bytes in one request")

    def _meet(self, operation: str, request: Mapping[str, Any]) -> None:
        """Refuse to write over an object where that is the condition."""
        if request.get("IfNoneMatch", "*") != "*":
            raise UnsupportedError(f"IfNoneMatch {request['IfNoneMatch']!r}")
        present = self._current(request["Bucket"], request["Key"])
        if "IfNoneMatch" in request and present is not None and present.body is not None:
            raise refusal(operation, "PreconditionFailed")

    def _upload(self, operation: str, request: Mapping[str, Any]) -> Upload:
        upload = self.uploads.get(request["UploadId"])
        if upload is None or (upload.bucket, upload.key) != (request["Bucket"], request["Key"]):
            raise refusal(operation, "NoSuchUpload")
        return upload

    def _current(self, bucket: str, key: str) -> Version | None:
        versions = self.buckets[bucket].get(key)
        return versions[-1] if versions else None

    def _add(self, bucket: str, key: str, body: bytes | None) -> str:
        self.made += 1
        version = Version(f"v{self.made}", body)
        self.buckets[bucket].setdefault(key, []).append(version)
        return version.version_id


def _named(part: bytes) -> dict[str, str]:
    """What S3 tells of a part, and wants to be told when the upload is completed."""
    checksum = base64.b64encode(zlib.crc32(part).to_bytes(4, "big")).decode()
    return {"ETag": f'"{hashlib.md5(part).hexdigest()}"', "ChecksumCRC32": checksum}


def _ranged(body: bytes, text: str) -> bytes:
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", text)
    if not found or not (found[1] or found[2]):
        raise UnsupportedError(f"Range {text!r}")
    if not found[1]:
        chosen = body[-int(found[2]) :] if int(found[2]) else b""
    else:
        chosen = body[int(found[1]) : int(found[2]) + 1 if found[2] else None]
    if not chosen:
        raise refusal("GetObject", "InvalidRange", text)
    return chosen


def _only(request: Mapping[str, Any], *names: str) -> None:
    if surplus := request.keys() - set(names):
        raise UnsupportedError(f"S3 parameters {sorted(surplus)}")
