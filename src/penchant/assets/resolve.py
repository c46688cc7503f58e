"""From a name or a path to files on this disk: local path, then cache, then each origin of the asset in turn."""

import logging
import os
import shutil
import tempfile
from pathlib import Path

from penchant.assets.asset import Asset, Files, Origin, Resolved
from penchant.assets.catalogue import CATALOGUE
from penchant.assets.digest import check_files
from penchant.records.errors import AssetError, suggestion

logger = logging.getLogger(__name__)


def resolve(name_or_path: str | Path, *, cache: Path | None = None) -> Resolved:
    """Where the named asset, or the local file or folder, lies; fetched into the cache if need be.

    `cache` is `$PENCHANT_CACHE`, else `~/.cache/penchant`. Files of a named asset are checked against their SHA-256
    each time; what lies at a local path is taken as it is.

    Raises AssetError for a name that is no path and no known asset, for a damaged cache, and, with the reason of
    each origin, where no origin brings the right files.
    """
    path = Path(name_or_path).expanduser()
    if path.exists():
        return Resolved(path, _layout_of(path))
    asset = CATALOGUE.get(str(name_or_path))
    if asset is None:
        hint = suggestion(str(name_or_path), CATALOGUE)
        raise AssetError(f"{str(name_or_path)!r} is neither an existing path nor the name of an asset. {hint}")
    return obtain(asset, cache or default_cache())


def default_cache() -> Path:
    """`$PENCHANT_CACHE`, else `~/.cache/penchant`."""
    return Path(os.environ.get("PENCHANT_CACHE") or Path.home() / ".cache" / "penchant").expanduser()


def obtain(asset: Asset, cache: Path) -> Resolved:
    """The asset from the cache folder, fetched there from its first origin that has the right files."""
    return cached(asset, cache) or _fetched(asset, cache)


def _layout_of(path: Path) -> str | None:
    """The first layout of the catalogue whose files all lie at the path."""
    layouts = ((word, files) for asset in CATALOGUE.values() for word, files in asset.layouts.items())
    return next((word for word, files in layouts if all((path / name).is_file() for name in files)), None)


def cached(asset: Asset, cache: Path) -> Resolved | None:
    """The asset as it lies in the cache folder, checked; None where it is not. Raises AssetError if it is damaged."""
    for layout, files in asset.layouts.items():
        folder = cache / asset.name / layout
        if not folder.is_dir():
            continue
        try:
            check_files(folder, files)
        except AssetError as error:
            raise AssetError(f"The cached {asset.name} is damaged: {error}. Delete {folder} and try again.") from error
        return Resolved(folder, layout)
    return None


def _fetched(asset: Asset, cache: Path) -> Resolved:
    failures = []
    for origin in asset.origins:
        logger.info("Fetching %s from %s (licence: %s)", asset.name, origin, asset.licence)
        try:
            return _fetch_one(asset, origin, cache)
        except (AssetError, OSError) as error:
            logger.info("%s did not give %s: %s", origin, asset.name, error)
            failures.append(f"{origin}: {error}")
    tried = "\n".join(f"  - {failure}" for failure in failures)
    raise AssetError(
        f"{asset.name} could not be had from any of its {len(failures)} origins:\n{tried}\n"
        f"Check the network or the settings of pip, or give the path of a folder with its files ({asset.homepage})."
    )


def _fetch_one(asset: Asset, origin: Origin, cache: Path) -> Resolved:
    """Fetches next to the target, checks, then renames: nobody ever sees half an asset."""
    files = asset.layouts[origin.layout]
    target = cache / asset.name / origin.layout
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{origin.layout}-", dir=target.parent) as temporary:
        fetched, draft = Path(temporary) / "fetched", Path(temporary) / "draft"
        fetched.mkdir()
        origin.fetch(fetched)
        check_files(fetched, files)
        for name in files:
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(fetched / name, draft / name)
        _put(draft, target, files)
    return Resolved(target, origin.layout)


def _put(draft: Path, target: Path, files: Files) -> None:
    try:
        draft.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        check_files(target, files)  # another process was faster: its folder serves as well
