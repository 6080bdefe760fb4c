"""The image has everything that the program needs, and nothing else."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.test_deploy import DOCKERFILE, ROOT


def test_the_image_is_built_from_what_it_is_given_and_nothing_is_missing(tmp_path: Path) -> None:
    """Build the wheel as the image does: from what the Dockerfile copies and .dockerignore lets in."""
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    given = {name for line in copied for name in line.split()}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert given == allowed
    for name in given:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(("evens/", "line_provider/"))}
    sources = {str(path.relative_to(tmp_path / "src")) for path in (tmp_path / "src").rglob("*") if path.is_file()}
    assert packed == sources
